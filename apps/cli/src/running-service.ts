/** The service that runs on this machine with these settings: only it may have the embedded database open. */
import { ADMIN_HEADER, type AdminAccess, readAdminAccess } from '@obscura/api'
import type { Config } from '@obscura/shared'

/** Asks the service's /admin routes; `body` is sent as JSON. */
export type Ask = (method: string, path: string, body?: unknown) => Promise<Response>

/** @returns undefined when no service runs on the folder OBSCURA_DATA */
export async function findRunningService(config: Pick<Config, 'OBSCURA_DATA'>): Promise<Ask | undefined> {
  const access = await readAdminAccess(config.OBSCURA_DATA)
  if (!access) return undefined
  const ask = askThrough(access)
  // A service that was killed leaves its address behind: another program may answer there by now, but not to our secret.
  const response = await ask('GET', '/admin/users').catch(() => undefined)
  await response?.body?.cancel()
  return response?.ok ? ask : undefined
}

function askThrough({ url, secret }: AdminAccess): Ask {
  return (method, path, body) =>
    fetch(url + path, {
      method,
      headers: { [ADMIN_HEADER]: secret },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
}
