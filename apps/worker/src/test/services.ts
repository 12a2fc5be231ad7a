/**
 * A database, a store and customers for tests of the worker, with a fake engine: the real one is
 * slow and needs models.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Engine, EngineError, type Output } from '@obscura/engine'
import {
  addUser,
  createInProcessDispatcher,
  createLogger,
  createTask,
  detectUpload,
  migrate,
  openFileStore,
  openPGlite,
  readCreateTask,
  type Task,
  type TaskParameters,
  uploadKey,
} from '@obscura/shared'
import { emptyDatabase } from '@obscura/test-servers/pglite'
import type { WorkerServices } from '../process-task.js'

export interface TestServices extends WorkerServices {
  customerId: string
  close(): Promise<void>
}

export async function openServices(): Promise<TestServices> {
  const folder = await mkdtemp(join(tmpdir(), 'worker-'))
  const db = await openPGlite(undefined, await emptyDatabase())
  await migrate(db)
  const { customerId } = await addUser(db, 'tester', 'secret', 'Tests')
  const log = createLogger('silent')
  const store = await openFileStore(folder, () => 'http://localhost:1')
  const dispatcher = createInProcessDispatcher(log)
  return {
    ...{ db, store, dispatcher, log, customerId, engine: standIn },
    close: async () => {
      await dispatcher.stop()
      await store.close()
      await db.close()
      await rm(folder, { recursive: true })
    },
  }
}

/**
 * Does what the image's text says: waits for `slow`, throws any code of the engine, fails as an
 * overrun or crash of its child, else echoes.
 */
export const standIn: Engine = {
  async anonymize(image, parameters, { signal } = {}) {
    const text = Buffer.from(image).toString()
    if (text === 'slow') await sleep(60_000, undefined, { signal })
    if (/^[A-Z_]+$/.test(text)) throw new EngineError(text as EngineError['code'], 'As told.')
    if (text === 'defect') throw new Error('The stand-in is broken.')
    if (text === 'overrun' || text === 'crash' || text === 'unfit')
      throw new EngineError('INTERNAL_ERROR', 'As told.', { childEnd: text })
    return echo(text, parameters.instance_segmentation_mask)
  },
  async render(image, { regions }, parameters) {
    const text = `${image} with ${regions.map(({ id }) => id).join(' and ')}`
    return { ...echo(text, parameters.instance_segmentation_mask), regions: undefined }
  },
  close: async () => undefined,
}

function echo(text: string, mask: boolean): Output {
  return {
    image: Buffer.from(`anonymized ${text}`),
    preview: Buffer.from(`preview of ${text}`),
    format: 'png',
    width: 20,
    height: 10,
    detections: [{ class: 'face', score: 0.9, box: [1, 2, 3, 4], anonymised: true }],
    instanceMask: mask ? Buffer.from(`mask of ${text}`) : undefined,
    device: 'cpu',
    models: [{ name: 'net', sha256: 'a'.repeat(64), precision: 'float' }],
    timings: { detect: 1 },
    warnings: ['The stand-in warns.'],
  }
}

export function makeTask(
  { db, customerId }: TestServices,
  changes: Partial<TaskParameters> = {},
  uploadSeconds = 3600,
): Promise<Task> {
  const body = JSON.stringify({ anonymization_method: 'blur', face: true, ...changes })
  return createTask(db, customerId, readCreateTask(body, { plainHttpWebhooks: true }), uploadSeconds)
}

/** A task whose upload has been detected. */
export async function makeUploaded(
  services: TestServices,
  content: string,
  changes: Partial<TaskParameters> = {},
  contentType = 'application/octet-stream',
): Promise<Task> {
  const task = await makeTask(services, changes)
  await services.store.put(uploadKey(task), Buffer.from(content), contentType)
  return detectUpload(services, task)
}

/** Moves all times in the database into the past. */
export async function pass({ db }: TestServices, seconds: number): Promise<void> {
  await db.query(
    `update tasks set
       upload_expire_time = upload_expire_time - make_interval(secs => $1),
       ready_time = ready_time - make_interval(secs => $1),
       lease_until = lease_until - make_interval(secs => $1),
       due_time = due_time - make_interval(secs => $1),
       finish_time = finish_time - make_interval(secs => $1),
       delete_time = delete_time - make_interval(secs => $1)`,
    [seconds],
  )
  await db.query('update webhook_deliveries set due_time = due_time - make_interval(secs => $1)', [seconds])
}
