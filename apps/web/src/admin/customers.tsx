import { useState } from 'preact/hooks'
import { type Customer, removeCustomer, setRetention } from '../api/admin.js'
import { count, text } from '../text/index.js'
import type { Change } from './use-loaded.js'

interface Props {
  customers: readonly Customer[]
  /** Days after which the service deletes files, 0: never; undefined until it has said so. */
  serviceDays: number | undefined
  change: Change
}

/** Customers: list, retention, removal of those without users and tasks. */
export function Customers({ customers, serviceDays, change }: Props) {
  const t = text.value
  return (
    <ul class="plain">
      {customers.map(customer => (
        <li key={customer.customer_id} class="row">
          <span>{customer.customer}</span>
          <span class="minor">{t.ofCustomer(count(customer.users), count(customer.tasks))}</span>
          {serviceDays !== undefined && <Retention {...{ customer, serviceDays, change }} />}
          {customer.users + customer.tasks === 0 && (
            <button type="button" class="danger" onClick={() => change(() => removeCustomer(customer.customer_id))}>
              {t.removeNamed(customer.customer)}
            </button>
          )}
        </li>
      ))}
    </ul>
  )
}

interface RetentionProps {
  customer: Customer
  serviceDays: number
  change: Change
}

/** When the files of a customer are deleted, and the form that changes it. */
function Retention({ customer: { customer, customer_id, retention_days: own }, serviceDays, change }: RetentionProps) {
  const t = text.value
  const [isSetting, setSetting] = useState(false)
  /** Days until files are deleted. */
  const lasting = (days: number | null) => Math.min(days ?? Number.POSITIVE_INFINITY, serviceDays || Number.POSITIVE_INFINITY)
  const said = (days: number) => (days === Number.POSITIVE_INFINITY ? t.keptForEver : t.keptDays(days))
  const save = async (event: SubmitEvent) => {
    event.preventDefault()
    const given = String(new FormData(event.currentTarget as HTMLFormElement).get('days'))
    const days = given === '' ? null : Number(given)
    const isShorter = lasting(days) < lasting(own)
    if (isShorter && !confirm(t.confirmRetention(customer, said(lasting(days)), said(lasting(own))))) return
    if (await change(() => setRetention(customer_id, days))) setSetting(false)
  }
  if (!isSetting)
    return (
      <>
        <span class="minor">
          {t.retention}: {said(lasting(own))}
        </span>
        <button type="button" aria-label={t.changeRetentionOf(customer)} onClick={() => setSetting(true)}>
          {t.changeRetention}
        </button>
      </>
    )
  return (
    <form class="row" onSubmit={save}>
      <input
        name="days"
        type="number"
        min={1}
        max={serviceDays || undefined}
        defaultValue={own === null ? '' : String(own)}
        placeholder={serviceDays ? String(serviceDays) : ''}
        aria-label={t.retentionOf(customer)}
      />
      <span class="minor">{t.retentionChoice(said(lasting(null)))}</span>
      <button type="submit">{t.saveRetention}</button>
      <button type="button" onClick={() => setSetting(false)}>
        {t.cancel}
      </button>
    </form>
  )
}
