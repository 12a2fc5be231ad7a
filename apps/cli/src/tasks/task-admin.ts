import {
  type Config,
  connectDatabase,
  type Db,
  FolderLockedError,
  type InspectedTask,
  inspectTask,
  type ListedTask,
  type ObjectStore,
  openStore,
  pendingMigrations,
  type Retried,
  retryFailed,
  selectTasks,
  type TaskSelection,
} from '@obscura/shared'
import { CommandError } from '../command-error.js'
import { findRunningService, type RunningService } from '../running-service.js'

/** Task administration for operators. */
export interface TaskAdmin {
  select(selection: TaskSelection): Promise<ListedTask[]>
  /** @returns undefined when the task does not exist */
  inspect(id: number): Promise<InspectedTask | undefined>
  retry(id: number): Promise<Retried>
  close(): Promise<void>
}

/**
 * Opens the tasks of the configured service: PostgreSQL and the store directly, beside running
 * processes; the embedded database through the running service, or in its folder when none is
 * running.
 * @throws CommandError
 */
export async function openTaskAdmin(config: Config): Promise<TaskAdmin> {
  const service = config.DATABASE_URL ? undefined : await findRunningService(config)
  return service ? throughService(service) : inDatabase(config)
}

async function inDatabase(config: Config): Promise<TaskAdmin> {
  const db = await connectDatabase(config).catch((error: Error) => {
    const advice = error instanceof FolderLockedError ? '' : ' Run obscura doctor to find out what is wrong.'
    throw new CommandError(`The database cannot be used: ${error.message}${advice}`)
  })
  try {
    if ((await pendingMigrations(db)).length > 0)
      throw new CommandError('The database schema is not up to date: run obscura setup, or start the service.')
    const { store } = await openStore(config, () => config.PUBLIC_URL ?? '')
    return onServices(db, store)
  } catch (error) {
    await db.close()
    throw error
  }
}

function onServices(db: Db, store: ObjectStore): TaskAdmin {
  return {
    select: selection => selectTasks(db, selection),
    inspect: id => inspectTask(db, store, id),
    retry: id => retryFailed(db, store, id),
    async close() {
      await store.close()
      await db.close()
    },
  }
}

function throughService({ ask, close }: RunningService): TaskAdmin {
  async function answer<T>(method: string, path: string, body?: unknown): Promise<T | undefined> {
    const { ok, status, json } = await ask(method, `/admin/tasks/${path}`, body)
    if (ok) return json as T
    if (status === 404) return undefined
    throw new CommandError(`The service responded with status ${status}; see its log.`)
  }
  return {
    select: async selection => (await answer<ListedTask[]>('POST', 'select', selection)) ?? [],
    inspect: id => answer<InspectedTask>('GET', String(id)),
    retry: async id =>
      (await answer<Retried>('POST', `${id}/retry`)) ?? {
        id,
        queued: false,
        reason: 'The running service is older than this command: restart it.',
      },
    close,
  }
}
