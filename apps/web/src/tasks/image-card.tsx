import { useEffect, useRef, useState } from 'preact/hooks'
import { getTask, type Task, type TaskItem } from '../api/tasks.js'
import { localTime, text } from '../text/index.js'

interface Props {
  item: TaskItem
  isSelected: boolean
  onSelect: () => void
}

/** One image of the list; its task is read when it comes into view. */
export function ImageCard({ item, isSelected, onSelect }: Props) {
  const t = text.value
  const card = useRef<HTMLLIElement>(null)
  const [task, setTask] = useState<Task>()
  useEffect(() => {
    const seen = new IntersectionObserver(entries => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return
      seen.disconnect()
      getTask(item.task_id).then(setTask, () => {})
    })
    seen.observe(card.current!)
    return () => seen.disconnect()
  }, [])
  const name = task?.name || `#${item.task_id}`
  return (
    <li ref={card} class={isSelected ? 'selected' : ''}>
      <a href={`#/image/${item.task_id}`} aria-label={name}>
        {task?.anonymized_url ? (
          <img src={task.anonymized_url} alt="" loading="lazy" decoding="async" />
        ) : (
          <span class={`state ${item.task_status}`}>{t.states[item.task_status]}</span>
        )}
      </a>
      <div class="caption">
        <input type="checkbox" aria-label={t.select(name)} checked={isSelected} onChange={onSelect} />
        <span class="name" title={name}>
          {name}
        </span>
        <span class="minor">{localTime(item.create_time)}</span>
        {task?.failure_cause && <span class="reason">{t.causes[task.failure_cause] ?? task.failure_cause}</span>}
        {task && task.warnings.length > 0 && <span class="reason">{task.warnings.join(' ')}</span>}
      </div>
    </li>
  )
}
