import type { Config, Logger } from '@obscura/shared'
import { ensureFirstUser, type FirstUser } from './first-user.js'
import { startProcess } from './process.js'

export interface Service {
  /** Where clients reach it. */
  url: string
  user: FirstUser
  /** Ends it in order: no new requests, images under way finished or handed back, files and database closed. */
  stop(): Promise<void>
}

/**
 * Starts the whole service in this process, ready to be signed in to.
 * @throws Failure when the data folder or the port is taken
 */
export async function startService(config: Config, log: Logger): Promise<Service> {
  const { url, db, stop } = await startProcess(['api', 'worker'], config, log)
  try {
    return { url, user: await ensureFirstUser(db, config), stop }
  } catch (error) {
    await stop()
    throw error
  }
}
