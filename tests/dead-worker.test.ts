/**
 * Real processes with the real engine are killed or told to stop while they work: their task runs
 * again within 30 seconds.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  addUser,
  createLogger,
  createTask,
  detectUpload,
  type InspectedTask,
  inspectTask,
  openBackingServices,
  readConfig,
  readCreateTask,
  uploadKey,
} from '@obscura/shared'
import { startPostgres } from '@obscura/test-servers/postgres'
import { missing } from '@obscura/test-servers/requirement'
import { until } from '@obscura/test-servers/server-folder'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signIn } from './chaos/client.js'
import { ended, FIXTURES, obscura, printed, start } from './command.js'

const SETTINGS = { LOG_LEVEL: 'info', ENGINE_PROFILE: 'fast', ENGINE_PROCESSES: '1', ENGINE_THREADS: '1', NODE_NO_WARNINGS: '1' }
/** What is promised; TASK_LEASE_SECONDS has its default here. */
const SECONDS = 30

let root: string
let photo: Buffer
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'obscura-dead-'))
  photo = await readFile(path.join(FIXTURES, 'group-portrait.jpg'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

const secondsFrom = (time: number, task: InspectedTask | undefined) => (Date.parse(task?.claimTime ?? '') - time) / 1000

describe.skipIf(missing('initdb'))('a worker of many, on PostgreSQL without Redis', () => {
  let env: Record<string, string>
  let backing: Awaited<ReturnType<typeof openBackingServices>>
  let customerId: string
  let stop: () => Promise<unknown>

  beforeAll(async () => {
    const postgres = await startPostgres()
    env = { ...SETTINGS, DATABASE_URL: await postgres.createDatabase(), OBSCURA_DATA: path.join(root, 'many') }
    backing = await openBackingServices(readConfig(env), () => '', createLogger('silent'))
    customerId = (await addUser(backing.db, 'maria', 'secret', 'default')).customerId
    stop = () => backing.close().then(() => postgres.stop())
  })
  afterAll(() => stop?.())

  const inspect = (id: number) => inspectTask(backing.db, backing.store, id)

  /** A task that a worker of its own has just begun. */
  async function begin(settings: Record<string, string> = {}) {
    const worker = start(['worker'], { env: { ...env, ...settings } })
    await printed(worker, 'stderr', /The worker is ready/)
    const parameters = readCreateTask('{"anonymization_method": "blur", "face": true}', { plainHttpWebhooks: false })
    const task = await createTask(backing.db, customerId, parameters, 3600)
    await backing.store.put(uploadKey(task), photo, 'image/jpeg')
    await detectUpload(backing, task)
    await until(async () => (await inspect(task.id))?.status === 'processing', 30)
    return { worker, id: task.id }
  }

  test('that is killed: another one runs its task', async () => {
    const { worker, id } = await begin()
    worker.kill('SIGKILL')
    const killed = Date.now()
    const other = start(['worker'], { env })
    await until(async () => (await inspect(id))?.status === 'done', 120)
    const task = await inspect(id)
    expect(task).toMatchObject({ attempt: 2, failures: 1, failureReason: null })
    console.log(`The task of a killed worker ran again after ${secondsFrom(killed, task).toFixed(1)} s.`)
    expect(secondsFrom(killed, task)).toBeLessThan(SECONDS)
    other.kill('SIGTERM')
    expect((await ended(other)).code).toBe(0)
  })

  test('is told to stop: it finishes its task', async () => {
    const { worker, id } = await begin()
    worker.kill('SIGTERM')
    expect((await ended(worker)).code).toBe(0)
    expect(await inspect(id)).toMatchObject({ status: 'done', attempt: 1 })
  })

  test('is told to stop and has no time left: it hands its task back, which counts against nobody', async () => {
    const { worker, id } = await begin({ DRAIN_SECONDS: '0' })
    worker.kill('SIGTERM')
    expect((await ended(worker)).code).toBe(0)
    expect(await inspect(id)).toMatchObject({ status: 'queued', attempt: 1, failures: 0 })
  })
})

test('the embedded service is killed and started again: it runs its task at once', async () => {
  const env = { ...SETTINGS, OBSCURA_DATA: path.join(root, 'embedded'), OBSCURA_PASSWORD: 'first secret', PORT: '0' }
  const serve = async () => {
    const service = start(['serve'], { env })
    const [, url] = await printed(service, 'stdout', /ready at (http\S+)/)
    return { service, client: await signIn(url, 'admin', 'first secret') }
  }
  const first = await serve()
  const id = await first.client.send(photo)
  await until(async () => (await first.client.status(id)) === 'processing', 30)
  first.service.kill('SIGKILL')
  const killed = Date.now()
  const second = await serve()
  await until(async () => (await second.client.status(id)) === 'done', 120)
  const { stdout } = await obscura(['tasks', 'show', String(id), '--json'], { env })
  const task = JSON.parse(stdout) as InspectedTask
  expect(task).toMatchObject({ attempt: 2, failures: 1 })
  console.log(`The task of the killed service ran again after ${secondsFrom(killed, task).toFixed(1)} s, its start included.`)
  expect(secondsFrom(killed, task)).toBeLessThan(SECONDS)
  second.service.kill('SIGKILL')
})
