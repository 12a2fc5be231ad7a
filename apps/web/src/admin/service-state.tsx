import type { Service } from '../api/admin.js'
import { localTime, text } from '../text/index.js'
import { Measured } from './measured.js'
import { Table } from './table.js'

/**
 * Health of what the service depends on, retention, workers and models.
 * @param value undefined until it is read
 */
export function ServiceState({ value, problem }: { value: Service | undefined; problem: string }) {
  const t = text.value
  if (!value) return <p class="problem">{problem}</p>
  const days = (count: number) => (count === 0 ? t.keptForEver : t.keptDays(count))
  return (
    <>
      <section class="panel" aria-label={t.health}>
        <h2>{t.health}</h2>
        <ul class="plain">
          {Object.entries(value.checks).map(([name, result]) => (
            <li key={name} class="row">
              <span class={`dot ${result === 'ok' ? 'done' : 'failed'}`} />
              <span>{t.dependencies[name] ?? name}</span>
              <span class={result === 'ok' ? 'minor' : 'problem'}>{result}</span>
            </li>
          ))}
        </ul>
        <h3>{t.workers}</h3>
        <ul class="plain">
          {value.workers.map(({ worker, profile, fingerprint, seen_time }) => (
            <li key={worker}>
              {worker} <span class="minor">{`${profile}, ${fingerprint}, ${localTime(seen_time)}`}</span>
            </li>
          ))}
        </ul>
        <h3>{t.retention}</h3>
        <p>
          {t.retentionOfFiles} {days(value.retention_days)} <code>RETENTION_DAYS</code>
          <br />
          {t.retentionOfRows} {days(value.task_rows_days)} <code>TASK_ROWS_DAYS</code>
        </p>
        <p class="minor">{t.retentionHint}</p>
      </section>
      <section class="panel" aria-label={t.models}>
        <h2>{t.models}</h2>
        <Table columns={[t.model, t.finds, t.profiles, t.licence, t.accuracy, t.origin]}>
          {value.models.map(({ name, title, finds, profiles, licence, accuracy, origin }) => (
            <tr key={name}>
              <th scope="row" title={name}>
                {title}
              </th>
              <td>{finds.map(found => (found === 'outlines' ? t.outlines : (t.classes[found] ?? found))).join(', ')}</td>
              <td>{profiles.join(', ') || '–'}</td>
              <td>{licence}</td>
              <td>{accuracy ?? '–'}</td>
              <td>{origin}</td>
            </tr>
          ))}
        </Table>
        <p class="minor">{t.accuracyHint}</p>
        <Measured />
      </section>
    </>
  )
}
