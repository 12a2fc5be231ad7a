import type { Config, Logger } from '@obscura/shared'
import { ensureFirstUser, type FirstUser } from './first-user.js'
import { startProcess } from './process.js'

/** The service in a single process, started. */
export interface Service {
  /** Address at which clients reach it. */
  url: string
  user: FirstUser
  /**
   * Stops cleanly: no new requests, images in progress finished or handed back, files and database
   * closed.
   */
  stop(): Promise<void>
}

/**
 * Starts the whole service in this process; users can sign in from its first response on.
 * @throws CommandError when the data folder or the port is in use
 */
export async function startService(config: Config, log: Logger): Promise<Service> {
  let user: FirstUser | undefined
  try {
    const { url, stop } = await startProcess(['api', 'worker'], config, log, async db => {
      user = await ensureFirstUser(db, config, log)
    })
    return { url, user: user!, stop }
  } catch (error) {
    // The user exists now, and the next start cannot show the password again.
    if (user?.generatedPassword) console.log(`Created the user ${user.username} with the password ${user.generatedPassword}`)
    throw error
  }
}
