/** Ends tasks as a worker does, without an engine. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type BackingServices,
  claimRendering,
  claimTask,
  completeRendering,
  completeTask,
  editedRegions,
  type FailureCause,
  failTask,
  type Rendering,
  regionsKey,
  resultKeys,
  type StoredDetection,
  type StoredRegion,
  type Task,
  uploadKey,
} from '@obscura/shared'

/** Prefix that {@link StubWorker.startWork} adds to an image to mark it as anonymized. */
export const MARK = Buffer.from('anonymized ')

export interface StubWorker {
  /** Claims a queued task. */
  claim(taskId: number): Promise<Task>
  /** Finishes a queued task with invented results. */
  complete(taskId: number, detections?: StoredDetection[], outputFormat?: 'jpeg' | 'png'): Promise<void>
  /** Ends a queued task as failed. */
  fail(taskId: number, cause: FailureCause): Promise<unknown>
  /** Finishes every task until the end; its image is the original after {@link MARK}. */
  startWork(): void
  /** Renders revisions until the end; the "image" is the IDs of its regions. */
  startRendering(): void
  stop(): Promise<void>
}

const SIZE = { outputWidth: 40, outputHeight: 30 }
const IMAGE = { ...SIZE, outputFormat: 'jpeg', timings: {} } as const

export function createStubWorker({ db, store }: Pick<BackingServices, 'db' | 'store'>): StubWorker {
  const claimed = new Map<number, Task>()
  let stopping = false
  let working: Promise<void> | undefined
  let rendering: Promise<void> | undefined

  async function claim(taskId: number): Promise<Task> {
    while (!claimed.has(taskId)) {
      const task = await claimTask(db, 'test', 600)
      if (!task) throw new Error(`Task ${taskId} is not queued.`)
      claimed.set(task.id, task)
    }
    return claimed.get(taskId)!
  }

  async function work(): Promise<void> {
    while (!stopping) {
      const task = await claimTask(db, 'test', 600)
      if (task) await anonymize({ db, store }, task)
      else await sleep(20)
    }
  }

  async function renderRevisions(): Promise<void> {
    while (!stopping) {
      const rendering = await claimRendering(db, 600)
      if (rendering) await render({ db, store }, rendering)
      else await sleep(10)
    }
  }

  return {
    claim,
    complete: async (taskId, detections = [], outputFormat) =>
      complete({ db, store }, await claim(taskId), detections, outputFormat),
    fail: async (taskId, cause) => failTask(db, leaseOf(await claim(taskId)), cause, 'A test.'),
    startWork() {
      working ??= work()
    },
    startRendering() {
      rendering ??= renderRevisions()
    },
    async stop() {
      stopping = true
      await Promise.all([working, rendering])
    },
  }
}

type Services = Pick<BackingServices, 'db' | 'store'>

const leaseOf = (task: Task) => ({ taskId: task.id, owner: 'test', attempt: task.attempt })

async function complete(
  { db, store }: Services,
  task: Task,
  detections: StoredDetection[],
  outputFormat?: 'jpeg' | 'png',
): Promise<void> {
  const keys = resultKeys(task, task.attempt, outputFormat ?? 'jpeg')
  if (outputFormat) {
    await store.put(keys.anonymized, Buffer.from('anonymized'), `image/${outputFormat}`)
    await store.put(keys.preview, Buffer.from('preview'), 'image/jpeg')
  }
  await store.put(keys.binaryMask, Buffer.from('binary'), 'image/png')
  await store.put(keys.instanceMask, Buffer.from('instance'), 'image/png')
  const regions = detections.map(({ class: name, score, box }, id) => ({
    ...{ id, class: name, score, box, source: 'detector', shape: 'rectangle' },
    mask: { top: box[1], rows: Array.from({ length: box[3] - box[1] }, () => [box[0], box[2]]) },
  }))
  await store.put(regionsKey(task, task.attempt), Buffer.from(JSON.stringify(regions)), 'application/json')
  const result = {
    ...SIZE,
    outputFormat,
    detections,
    timings: { detect: 12.5 },
    warnings: ['The image is truncated.'],
    models: [{ name: 'net', sha256: 'a'.repeat(64) }],
  }
  if (!(await completeTask(db, leaseOf(task), result))) throw new Error('The lease was lost.')
}

async function anonymize({ db, store }: Services, task: Task): Promise<void> {
  const original = await store.get(uploadKey(task), task.uploadEtag ?? undefined)
  await store.put(resultKeys(task, task.attempt, 'jpeg').anonymized, Buffer.concat([MARK, original]), 'image/jpeg')
  await store.put(regionsKey(task, task.attempt), Buffer.from('[]'), 'application/json')
  await completeTask(db, leaseOf(task), { ...IMAGE, detections: [] })
}

async function render({ db, store }: Services, rendering: Rendering): Promise<void> {
  const { task, revision, edits } = rendering
  const detected = JSON.parse((await store.get(regionsKey(task, task.attempt))).toString()) as StoredRegion[]
  const regions = editedRegions(detected, edits)
  const image = Buffer.from(JSON.stringify(regions.map(({ id }) => id)))
  const keys = resultKeys(task, task.attempt, 'jpeg', revision)
  await store.put(keys.anonymized, image, 'image/jpeg')
  await store.put(keys.preview, Buffer.from(`preview of ${image}`), 'image/jpeg')
  const detections = regions.flatMap(({ id, class: name, score, box }) =>
    name === 'area' ? [] : [{ id, class: name, score, box, anonymised: true }],
  )
  await completeRendering(db, rendering, { ...IMAGE, detections })
}
