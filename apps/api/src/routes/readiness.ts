/** Whether the services that the API needs respond. */
import { ShortageError } from '@obscura/shared'
import type { FastifyBaseLogger } from 'fastify'
import type { ApiDependencies } from '../settings.js'

/** Timeout of one check of /ready. */
const CHECK_MS = 5000
/** Without hints, tasks only start later: clients need not be turned away. */
const DISPENSABLE = 'dispatcher'

/** `ok` for each check, or what is wrong. */
export type Results = readonly (readonly [name: string, result: string])[]
/** Asks all services at once. Those who ask meanwhile get the same results. */
export type Checks = (log: FastifyBaseLogger) => Promise<Results>

/** The checks of the backing services, each with a time limit. */
export function createChecks({ db, store, dispatcher, disk, readiness }: ApiDependencies): Checks {
  const checks = {
    database: () => db.query('select 1'),
    store: () => store.check(),
    dispatcher: () => dispatcher.check(),
    ...(disk && { disk: () => disk.require(0) }),
    ...readiness,
  }

  /** The checks in progress: they write to the disk, and anybody may ask. */
  let asked: Promise<Results> | undefined

  function ask(log: FastifyBaseLogger) {
    return Promise.all(
      Object.entries(checks).map(async ([name, check]) => {
        try {
          await withinTime(check())
          return [name, 'ok'] as const
        } catch (error) {
          // A shortage has been logged once, and shows nothing that must not be seen.
          if (error instanceof ShortageError) return [name, error.message] as const
          log.error({ err: error, check: name }, 'Not ready.')
          return [name, 'failed'] as const
        }
      }),
    )
  }

  return log => {
    asked ??= ask(log).finally(() => {
      asked = undefined
    })
    return asked
  }
}

/** Whether requests can be served. */
export function isReady(results: Results): boolean {
  return results.every(([name, result]) => result === 'ok' || name === DISPENSABLE)
}

async function withinTime(check: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`No response within ${CHECK_MS} ms.`)), CHECK_MS)
  })
  await Promise.race([check, late]).finally(() => clearTimeout(timer))
}
