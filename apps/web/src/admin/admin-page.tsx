import { getService } from '../api/admin.js'
import { text } from '../text/index.js'
import { Audit } from './audit.js'
import { ServiceState } from './service-state.js'
import { useLoaded } from './use-loaded.js'
import { Users } from './users.js'

/** For administrators: users and customers, health, models, retention, audit log. */
export function AdminPage() {
  const t = text.value
  const service = useLoaded(getService)
  return (
    <div class="admin">
      <h1>{t.administration}</h1>
      <Users serviceDays={service.value?.retention_days} />
      <ServiceState {...service} />
      <Audit />
    </div>
  )
}
