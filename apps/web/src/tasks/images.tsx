import { useEffect, useState } from 'preact/hooks'
import type { TaskItem } from '../api/tasks.js'
import { text } from '../text/index.js'
import { filter } from './filter.js'
import { FilterBar } from './filter-bar.js'
import { Grid } from './grid.js'
import { SelectionBar } from './selection-bar.js'
import { listIds, useListed } from './use-listed.js'

const NOTHING: ReadonlySet<number> = new Set()

const idsOf = (items: readonly TaskItem[]) => items.map(item => item.task_id)
const isWaiting = (item: TaskItem) => item.review_status === 'pending'

function toggled(ids: ReadonlySet<number>, id: number): ReadonlySet<number> {
  const changed = new Set(ids)
  if (!changed.delete(id)) changed.add(id)
  return changed
}

/** The customer's images, newest first. */
export function Images() {
  const t = text.value
  const shown = filter.value
  const [selected, setSelected] = useState(NOTHING)
  const [message, setMessage] = useState('')
  const { items, isLoaded, hasMore, problem, reload, loadMore } = useListed(shown, selected.size > 0)
  useEffect(() => {
    setSelected(NOTHING)
    setMessage('')
  }, [shown])

  const selectAll = async () => {
    const ids = await listIds(shown)
    if (filter.peek() === shown) setSelected(new Set(ids))
  }
  const done = () => {
    setSelected(NOTHING)
    return reload()
  }
  return (
    <section aria-label={t.images}>
      <FilterBar />
      <div class="row bar">
        {items.length > 0 && (
          <button type="button" onClick={() => setSelected(new Set(selected.size > 0 ? [] : idsOf(items)))}>
            {selected.size > 0 ? t.selectNone : t.selectShown}
          </button>
        )}
        {hasMore && (
          <button type="button" onClick={() => selectAll().catch(error => setMessage(error.message))}>
            {t.selectAll}
          </button>
        )}
        {selected.size > 0 && (
          <SelectionBar
            selected={[...selected]}
            waiting={idsOf(items.filter(isWaiting)).filter(id => selected.has(id))}
            onMessage={setMessage}
            onDone={done}
          />
        )}
      </div>
      {[message, problem].filter(Boolean).map(sentence => (
        <p key={sentence} class="problem" role="status">
          {sentence}
        </p>
      ))}
      {isLoaded && items.length === 0 && <p class="empty">{t.noImages}</p>}
      <Grid {...{ items, selected }} onSelect={id => setSelected(toggled(selected, id))} />
      {hasMore && (
        <button type="button" class="more" onClick={loadMore}>
          {t.loadMore}
        </button>
      )}
    </section>
  )
}
