import { text } from '../text/index.js'
import { Audit } from './audit.js'
import { ServiceState } from './service-state.js'
import { Users } from './users.js'

/** For administrators: users and customers, health, models, retention, audit log. */
export function AdminPage() {
  const t = text.value
  return (
    <div class="admin">
      <h1>{t.administration}</h1>
      <Users />
      <ServiceState />
      <Audit />
    </div>
  )
}
