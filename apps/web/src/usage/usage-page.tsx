import { CLASSES } from '@obscura/contract'
import { useEffect, useState } from 'preact/hooks'
import { session } from '../api/session.js'
import { getUsage, type Usage } from '../api/usage.js'
import { useNewest } from '../newest.js'
import { bytes, count, duration, text } from '../text/index.js'
import { BarChart } from './bar-chart.js'
import { byDay, lastDays, total, totalStorage } from './days.js'

const PERIODS = [7, 30, 90, 365]

/** What was done: images, detections, time and storage, by day. */
export function UsagePage() {
  const t = text.value
  const [period, setPeriod] = useState(30)
  const [ofAll, setOfAll] = useState(false)
  const [customer, setCustomer] = useState('')
  const [usage, setUsage] = useState<Usage>()
  const [problem, setProblem] = useState('')
  const days = lastDays(period)
  const ask = useNewest()
  useEffect(() => {
    const isNewest = ask()
    setProblem('')
    getUsage(days[0], ofAll).then(
      value => isNewest() && setUsage(value),
      error => isNewest() && setProblem(error.name === 'OfflineError' ? t.offline : error.message),
    )
  }, [period, ofAll])
  const customers = [...new Set([...(usage?.items ?? []), ...(usage?.storage ?? [])].flatMap(item => item.customer ?? []))]
  const ofChosen = <Item extends { customer?: string }>(items: readonly Item[]) =>
    items.filter(item => customer === '' || item.customer === customer)
  return (
    <section class="usage" aria-label={t.usage}>
      <div class="row bar">
        <h1>{t.usage}</h1>
        <span class="grow" />
        {session.value?.isAdmin && (
          <label class="row">
            <input
              type="checkbox"
              checked={ofAll}
              onChange={event => {
                setOfAll(event.currentTarget.checked)
                setCustomer('')
              }}
            />
            {t.allCustomers}
          </label>
        )}
        {ofAll && <CustomerChoice customers={customers.sort()} chosen={customer} onChoose={setCustomer} />}
        <select aria-label={t.period} value={period} onChange={event => setPeriod(Number(event.currentTarget.value))}>
          {PERIODS.map(value => (
            <option key={value} value={value}>
              {t.lastDays(value)}
            </option>
          ))}
        </select>
      </div>
      {problem && (
        <p class="problem" role="status">
          {problem}
        </p>
      )}
      {usage && <Figures days={days} usage={{ items: ofChosen(usage.items), storage: ofChosen(usage.storage) }} />}
    </section>
  )
}

interface CustomerChoiceProps {
  customers: readonly string[]
  /** '': all. */
  chosen: string
  onChoose: (customer: string) => void
}

function CustomerChoice({ customers, chosen, onChoose }: CustomerChoiceProps) {
  const t = text.value
  return (
    <select aria-label={t.customer} value={chosen} onChange={event => onChoose(event.currentTarget.value)}>
      <option value="">{t.allCustomers}</option>
      {customers.map(name => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  )
}

function Figures({ days, usage }: { days: readonly string[]; usage: Usage }) {
  const t = text.value
  const bars = byDay(usage.items, days)
  const { done, failed, seconds, detections } = total(bars)
  const storage = totalStorage(usage.storage)
  const found = CLASSES.reduce((sum, name) => sum + detections[name], 0)
  const time = (value: number) => (value === 0 ? '0' : duration(value))
  return (
    <>
      <dl class="figures">
        <Figure name={t.imagesDone} value={count(done)} />
        <Figure name={t.imagesFailed} value={count(failed)} />
        <Figure name={t.found} value={count(found)} />
        <Figure name={t.timePerImage} value={done > 0 ? duration(seconds / done) : '–'} />
        <Figure name={t.originals} value={bytes(storage.original_bytes)} />
        <Figure name={t.results} value={bytes(storage.result_bytes)} />
      </dl>
      <p class="minor">{t.usageHint}</p>
      <div class="charts">
        <BarChart
          title={t.imagesByDay}
          series={[
            { name: t.states.done, color: 'done' },
            { name: t.states.failed, color: 'failed' },
          ]}
          bars={bars.map(({ day, ...item }) => ({ day, parts: [item.done, item.failed] }))}
          format={count}
        />
        <BarChart
          title={t.foundByDay}
          series={CLASSES.map(name => ({ name: t.classes[name], color: name }))}
          bars={bars.map(({ day, ...item }) => ({ day, parts: CLASSES.map(name => item.detections[name]) }))}
          format={count}
        />
        <BarChart
          title={t.timeByDay}
          series={[{ name: t.timePerImage, color: 'time' }]}
          bars={bars.map(({ day, ...item }) => ({ day, parts: [item.done > 0 ? item.seconds / item.done : 0] }))}
          format={time}
        />
        <BarChart
          title={t.uploadedByDay}
          series={[{ name: t.uploadedByDay, color: 'time' }]}
          bars={bars.map(({ day, uploaded_bytes }) => ({ day, parts: [uploaded_bytes] }))}
          format={bytes}
        />
      </div>
    </>
  )
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}
