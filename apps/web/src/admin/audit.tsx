import { useEffect, useState } from 'preact/hooks'
import { type AuditEntry, listAudit } from '../api/admin.js'
import { localTime, text } from '../text/index.js'
import { Table } from './table.js'

/** Who looked at which original, and what administrators changed. */
export function Audit() {
  const t = text.value
  const [items, setItems] = useState<AuditEntry[]>([])
  const [more, setMore] = useState<number | null>(null)
  const [problem, setProblem] = useState('')
  const load = (before: number | null) =>
    listAudit(before).then(
      page => {
        setItems(known => (before === null ? page.items : [...known, ...page.items]))
        setMore(page.next_page_key)
      },
      error => setProblem(error.message),
    )
  useEffect(() => void load(null), [])
  return (
    <section class="panel" aria-label={t.auditLog}>
      <div class="row">
        <h2>{t.auditLog}</h2>
        <span class="grow" />
        <button type="button" onClick={() => load(null)}>
          {t.refresh}
        </button>
      </div>
      {problem && <p class="problem">{problem}</p>}
      <Table columns={[t.time, t.username, t.action, t.about, t.address]}>
        {items.map(({ id, time, username, customer, action, task_id, subject, address }) => (
          <tr key={id}>
            <td>{localTime(time)}</td>
            <td>
              {username} {customer && <span class="minor">{customer}</span>}
            </td>
            <td>{t.auditActions[action] ?? action}</td>
            <td>{subject ?? `#${task_id}`}</td>
            <td>{address}</td>
          </tr>
        ))}
      </Table>
      {more !== null && (
        <button type="button" class="more" onClick={() => load(more)}>
          {t.olderEntries}
        </button>
      )}
    </section>
  )
}
