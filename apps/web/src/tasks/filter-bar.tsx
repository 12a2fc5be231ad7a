import { REVIEW_STATUSES } from '../api/corrections.js'
import { ALL_TASKS, type TaskFilter } from '../api/tasks.js'
import { text } from '../text/index.js'
import { filter } from './filter.js'

const STATUSES = ['', 'done', 'failed', 'processing', 'queued', 'new']

/** Status, review and days of the images that are listed. */
export function FilterBar() {
  const t = text.value
  const { status, review, from, to } = filter.value
  const set = (change: Partial<TaskFilter>) => {
    filter.value = { ...filter.value, ...change }
  }
  return (
    <div class="row bar">
      <fieldset class="chips">
        <legend class="hidden">{t.images}</legend>
        {STATUSES.map(value => (
          <label key={value}>
            <input type="radio" name="status" checked={status === value} onChange={() => set({ status: value })} />
            {value ? t.states[value] : t.allStatuses}
          </label>
        ))}
      </fieldset>
      <select aria-label={t.review} value={review} onChange={event => set({ review: event.currentTarget.value })}>
        <option value="">{t.allReviews}</option>
        {REVIEW_STATUSES.map(value => (
          <option key={value} value={value}>
            {t.reviewStates[value]}
          </option>
        ))}
      </select>
      <span class="row">
        <label class="row">
          {t.fromDay}
          <input type="date" value={from} max={to || undefined} onChange={event => set({ from: event.currentTarget.value })} />
        </label>
        <label class="row">
          {t.toDay}
          <input type="date" value={to} min={from || undefined} onChange={event => set({ to: event.currentTarget.value })} />
        </label>
      </span>
      {filter.value !== ALL_TASKS && (
        <button type="button" onClick={() => (filter.value = ALL_TASKS)}>
          {t.clearFilter}
        </button>
      )}
    </div>
  )
}
