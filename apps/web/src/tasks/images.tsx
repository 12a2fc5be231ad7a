import { useEffect, useState } from 'preact/hooks'
import { OfflineError } from '../api/session.js'
import { listTasks, type TaskItem } from '../api/tasks.js'
import { useNewest } from '../newest.js'
import { text } from '../text/index.js'
import { filter } from './filter.js'
import { FilterBar } from './filter-bar.js'
import { ImageCard } from './image-card.js'
import { SelectionBar } from './selection-bar.js'

const PAGE = 24
/** Images of one request, and that can be selected at once. */
const MAX_PAGE = 300
const MAX_SELECTED = 10_000
const POLL_MS = 3000

/** The customer's images, newest first. */
export function Images() {
  const t = text.value
  const shown = filter.value
  const [items, setItems] = useState<TaskItem[]>()
  const [more, setMore] = useState<number | null>(null)
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set())
  const [message, setMessage] = useState('')
  const [offline, setOffline] = useState('')

  const ask = useNewest()
  const load = async (before: number | null) => {
    const isNewest = ask()
    try {
      const page = await listTasks(PAGE, shown, before)
      if (!isNewest()) return
      const listed = page.items.filter(item => item.task_status !== 'deleted')
      setItems(known => (before === null ? listed : [...(known ?? []), ...listed]))
      setMore(page.next_page_key)
      setOffline('')
    } catch (error) {
      if (isNewest()) setOffline(error instanceof OfflineError ? text.value.offline : (error as Error).message)
    }
  }
  useEffect(() => {
    setItems(undefined)
    setSelected(new Set())
    setMessage('')
    void load(null)
  }, [shown])
  // Changes of the newest page show by themselves, until older pages are looked at.
  const isMoving = items !== undefined && items.length <= PAGE && selected.size === 0
  useEffect(() => {
    if (!isMoving) return
    const timer = setInterval(() => load(null), POLL_MS)
    return () => clearInterval(timer)
  }, [isMoving, shown])

  const waiting = (items ?? []).filter(item => item.review_status === 'pending').map(item => item.task_id)
  const toggle = (id: number) => {
    const changed = new Set(selected)
    if (!changed.delete(id)) changed.add(id)
    setSelected(changed)
  }
  const selectAll = async () => {
    const ids: number[] = []
    let before: number | null = null
    do {
      const page = await listTasks(MAX_PAGE, shown, before)
      for (const item of page.items) if (item.task_status !== 'deleted') ids.push(item.task_id)
      before = page.next_page_key
    } while (before !== null && ids.length < MAX_SELECTED)
    if (filter.peek() === shown) setSelected(new Set(ids.slice(0, MAX_SELECTED)))
  }
  const done = () => {
    setSelected(new Set())
    return load(null)
  }
  return (
    <section aria-label={t.images}>
      <FilterBar />
      <div class="row bar">
        {items !== undefined && items.length > 0 && (
          <button type="button" onClick={() => setSelected(new Set(selected.size > 0 ? [] : items.map(item => item.task_id)))}>
            {selected.size > 0 ? t.selectNone : t.selectShown}
          </button>
        )}
        {more !== null && (
          <button type="button" onClick={() => selectAll().catch(error => setMessage(error.message))}>
            {t.selectAll}
          </button>
        )}
        {selected.size > 0 && (
          <SelectionBar
            selected={[...selected]}
            waiting={waiting.filter(id => selected.has(id))}
            onMessage={setMessage}
            onDone={done}
          />
        )}
      </div>
      {[message, offline].filter(Boolean).map(sentence => (
        <p key={sentence} class="problem" role="status">
          {sentence}
        </p>
      ))}
      {items?.length === 0 && <p class="empty">{t.noImages}</p>}
      <ul class="grid">
        {items?.map(item => (
          <ImageCard
            key={`${item.task_id} ${item.task_status} ${item.review_status}`}
            item={item}
            isSelected={selected.has(item.task_id)}
            onSelect={() => toggle(item.task_id)}
          />
        ))}
      </ul>
      {more !== null && (
        <button type="button" class="more" onClick={() => load(more)}>
          {t.loadMore}
        </button>
      )}
    </section>
  )
}
