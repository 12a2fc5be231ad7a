import {
  type Config,
  connectDatabase,
  DataFolderError,
  type Db,
  FolderLockedError,
  type InspectedTask,
  inspectTask,
  type LabelsOfTasks,
  type ListedTask,
  labelsOfTasks,
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

const OLDER = 'The running service is older than this command: restart it.'

/** Task administration for operators. */
export interface TaskAdmin {
  select(selection: TaskSelection): Promise<ListedTask[]>
  /** @returns undefined when the task does not exist */
  inspect(id: number): Promise<InspectedTask | undefined>
  retry(id: number): Promise<Retried>
  labels(ids: readonly number[]): Promise<LabelsOfTasks>
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
    const isClear = error instanceof FolderLockedError || error instanceof DataFolderError
    const advice = isClear ? '' : ' Run obscura doctor to find out what is wrong.'
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
    labels: ids => labelsOfTasks(db, store, ids),
    async close() {
      await store.close()
      await db.close()
    },
  }
}

function throughService({ ask, close }: RunningService): TaskAdmin {
  async function askFor<T>(method: string, path: string, body?: unknown): Promise<T | undefined> {
    const { ok, status, json } = await ask(method, `/admin/tasks/${path}`, body)
    if (ok) return json as T
    if (status === 404) return undefined
    throw new CommandError(`The service responded with status ${status}; see its log.`)
  }
  return {
    select: async selection => (await askFor<ListedTask[]>('POST', 'select', selection)) ?? [],
    inspect: id => askFor<InspectedTask>('GET', String(id)),
    retry: async id =>
      (await askFor<Retried>('POST', `${id}/retry`)) ?? {
        id,
        queued: false,
        reason: OLDER,
      },
    labels: async ids => {
      const labels = await askFor<LabelsOfTasks>('POST', 'labels', { ids })
      if (!labels) throw new CommandError(OLDER)
      return labels
    },
    close,
  }
}
