import { useEffect, useState } from 'preact/hooks'
import { OfflineError } from '../api/session.js'
import { deleteFiles, listTasks, type TaskItem } from '../api/tasks.js'
import { text } from '../text/index.js'
import { ImageCard } from './image-card.js'
import { downloadZip } from './zip.js'

const PAGE = 24
const STATUSES = ['', 'done', 'failed', 'processing', 'queued', 'new']
const POLL_MS = 3000

/** The customer's images, newest first. */
export function Images() {
  const t = text.value
  const [status, setStatus] = useState('')
  const [items, setItems] = useState<TaskItem[]>()
  const [more, setMore] = useState<number | null>(null)
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set())
  const [message, setMessage] = useState('')

  const load = async (before: number | null) => {
    try {
      const page = await listTasks(PAGE, status, before)
      const listed = page.items.filter(item => item.task_status !== 'deleted')
      setItems(known => (before === null ? listed : [...(known ?? []), ...listed]))
      setMore(page.next_page_key)
      setMessage('')
    } catch (error) {
      setMessage(error instanceof OfflineError ? text.value.offline : (error as Error).message)
    }
  }
  useEffect(() => {
    setItems(undefined)
    setSelected(new Set())
    void load(null)
  }, [status])
  // Changes of the newest page show by themselves, until older pages are looked at.
  const isMoving = items !== undefined && items.length <= PAGE && selected.size === 0
  useEffect(() => {
    if (!isMoving) return
    const timer = setInterval(() => load(null), POLL_MS)
    return () => clearInterval(timer)
  }, [isMoving, status])

  const toggle = (id: number) => {
    const changed = new Set(selected)
    if (!changed.delete(id)) changed.add(id)
    setSelected(changed)
  }
  const remove = async () => {
    if (!confirm(t.confirmDelete(selected.size))) return
    for (const id of selected) await deleteFiles(id).catch(error => setMessage(error.message))
    setSelected(new Set())
    await load(null)
  }
  const zip = (everything: boolean) =>
    downloadZip([...selected], everything, (done, all) => setMessage(done < all ? t.zipProgress(done, all) : '')).catch(error =>
      setMessage(error.message),
    )
  return (
    <section aria-label={t.images}>
      <div class="row bar">
        <fieldset class="chips">
          <legend class="hidden">{t.images}</legend>
          {STATUSES.map(value => (
            <label key={value}>
              <input type="radio" name="status" checked={status === value} onChange={() => setStatus(value)} />
              {value ? t.states[value] : t.allStatuses}
            </label>
          ))}
        </fieldset>
        <span class="grow" />
        {selected.size > 0 && (
          <>
            <span>{t.selected(selected.size)}</span>
            <button type="button" onClick={() => zip(false)}>
              {t.downloadZip}
            </button>
            <button type="button" onClick={() => zip(true)}>
              {t.downloadZip} {t.withMasks}
            </button>
            <button type="button" class="danger" onClick={remove}>
              {t.delete}
            </button>
          </>
        )}
      </div>
      {message && (
        <p class="problem" role="status">
          {message}
        </p>
      )}
      {items?.length === 0 && <p class="empty">{t.noImages}</p>}
      <ul class="grid">
        {items?.map(item => (
          <ImageCard
            key={`${item.task_id} ${item.task_status}`}
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
