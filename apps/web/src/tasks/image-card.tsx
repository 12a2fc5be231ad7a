import { useEffect, useRef, useState } from 'preact/hooks'
import { getTask, type Task, type TaskItem } from '../api/tasks.js'
import { Preview } from '../previews/preview.js'
import { useSeen } from '../previews/use-seen.js'
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
  const isSeen = useSeen(card)
  useEffect(() => {
    if (isSeen) getTask(item.task_id).then(setTask, () => {})
  }, [isSeen])
  const isHeldBack = item.review_status === 'pending' || item.review_status === 'rejected'
  const state = isHeldBack ? t.reviewStates[item.review_status!] : t.states[item.task_status]
  const name = task?.name || `#${item.task_id}`
  return (
    <li ref={card} class={isSelected ? 'selected' : ''}>
      <a href={`#/image/${item.task_id}`} aria-label={task?.anonymized_url ? name : `${name}: ${state}`}>
        {task?.anonymized_url ? (
          <Preview id={item.task_id} otherwise={task.anonymized_url} />
        ) : (
          <span class={`state ${isHeldBack ? item.review_status : item.task_status}`}>{state}</span>
        )}
      </a>
      <div class="caption">
        <input type="checkbox" aria-label={t.select(name)} checked={isSelected} onChange={onSelect} />
        <span class="name" title={name}>
          {name}
        </span>
        <span class="minor">{localTime(item.create_time)}</span>
        {item.review_status && <span class={`badge ${item.review_status}`}>{t.reviewStates[item.review_status]}</span>}
        {task?.failure_cause && <span class="reason">{t.causes[task.failure_cause] ?? task.failure_cause}</span>}
        {task && task.warnings.length > 0 && <span class="reason">{task.warnings.join(' ')}</span>}
      </div>
    </li>
  )
}
