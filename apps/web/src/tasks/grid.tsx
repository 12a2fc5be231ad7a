import type { TaskItem } from '../api/tasks.js'
import { ImageCard } from './image-card.js'

interface Props {
  items: readonly TaskItem[]
  selected: ReadonlySet<number>
  onSelect: (id: number) => void
}

/** The images of the list as cards. */
export function Grid({ items, selected, onSelect }: Props) {
  return (
    <ul class="grid">
      {items.map(item => (
        <ImageCard
          key={`${item.task_id} ${item.task_status} ${item.review_status}`}
          item={item}
          isSelected={selected.has(item.task_id)}
          onSelect={() => onSelect(item.task_id)}
        />
      ))}
    </ul>
  )
}
