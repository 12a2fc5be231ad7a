import { useState } from 'preact/hooks'
import { addUser, endSessions, listCustomers, listUsers, removeUser, setAdmin, setPassword, type User } from '../api/admin.js'
import { session } from '../api/session.js'
import { localTime, text } from '../text/index.js'
import { Customers } from './customers.js'
import { Table } from './table.js'
import { type Change, useLoaded } from './use-loaded.js'

/**
 * Users and customers: list, add, remove, role, password, sessions, retention.
 * @param serviceDays the service's own retention
 */
export function Users({ serviceDays }: { serviceDays: number | undefined }) {
  const t = text.value
  const { value, problem, change } = useLoaded(async () => ({ users: await listUsers(), customers: await listCustomers() }))
  return (
    <section class="panel" aria-label={t.users}>
      <h2>{t.users}</h2>
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <Table columns={[t.username, t.customer, t.role, t.added]} actions={t.actions}>
        {value?.users.map(user => (
          <UserRow key={user.username} user={user} change={change} />
        ))}
      </Table>
      <AddUser onAdd={user => change(() => addUser(user))} customers={value?.customers.map(({ customer }) => customer) ?? []} />
      <h3>{t.customers}</h3>
      <Customers customers={value?.customers ?? []} {...{ serviceDays, change }} />
    </section>
  )
}

function UserRow({ user: { username, customer, is_admin, create_time }, change }: { user: User; change: Change }) {
  const t = text.value
  const [isSetting, setSetting] = useState(false)
  const isOwn = username === session.value?.username
  const reset = async (event: SubmitEvent) => {
    event.preventDefault()
    const password = String(new FormData(event.currentTarget as HTMLFormElement).get('password'))
    if (await change(() => setPassword(username, password))) setSetting(false)
  }
  return (
    <tr>
      <th scope="row">{username}</th>
      <td>{customer}</td>
      <td>{is_admin ? t.roleAdmin : t.roleUser}</td>
      <td>{localTime(create_time)}</td>
      <td>
        <div class="row">
          {isSetting ? (
            <form class="row" onSubmit={reset}>
              <input name="password" type="password" autocomplete="new-password" required aria-label={t.newPassword(username)} />
              <button type="submit">{t.savePassword}</button>
              <button type="button" onClick={() => setSetting(false)}>
                {t.cancel}
              </button>
            </form>
          ) : (
            <button type="button" onClick={() => setSetting(true)}>
              {t.resetPassword}
            </button>
          )}
          <button type="button" onClick={() => change(() => endSessions(username))}>
            {t.endSessions}
          </button>
          {!isOwn && (
            <>
              <button type="button" onClick={() => change(() => setAdmin(username, !is_admin))}>
                {is_admin ? t.revokeAdmin : t.grantAdmin}
              </button>
              <button
                type="button"
                class="danger"
                aria-label={t.removeNamed(username)}
                onClick={() => confirm(t.confirmRemove(username)) && change(() => removeUser(username))}
              >
                {t.removeUser}
              </button>
            </>
          )}
        </div>
      </td>
    </tr>
  )
}

interface AddProps {
  onAdd: (user: { username: string; password: string; customer: string }) => Promise<boolean>
  customers: readonly string[]
}

function AddUser({ onAdd, customers }: AddProps) {
  const t = text.value
  const add = async (event: SubmitEvent) => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const given = new FormData(form)
    const field = (name: string) => String(given.get(name))
    if (await onAdd({ username: field('new-user'), password: field('password'), customer: field('customer') })) form.reset()
  }
  return (
    <form class="row" onSubmit={add}>
      <input
        name="new-user"
        required
        maxLength={64}
        autocapitalize="none"
        autocomplete="off"
        aria-label={t.nameOfNew}
        placeholder={t.nameOfNew}
      />
      <input
        name="password"
        type="password"
        required
        autocomplete="new-password"
        aria-label={t.passwordOfNew}
        placeholder={t.passwordOfNew}
      />
      <input name="customer" required list="customers" defaultValue="default" aria-label={t.customerOfNew} />
      <datalist id="customers">
        {customers.map(name => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <button type="submit" class="primary">
        {t.addUser}
      </button>
    </form>
  )
}
