/**
 * A real service for tests: it listens on a free port, with the services that the environment
 * selects (embedded by default).
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  addUser,
  claimRendering,
  claimTask,
  completeRendering,
  completeTask,
  createLogger,
  editedRegions,
  type FailureCause,
  failTask,
  openBackingServices,
  openPGlite,
  openPostgres,
  type Rendering,
  readConfig,
  regionsKey,
  resultKeys,
  type StoredDetection,
  type StoredRegion,
  type Task,
  type TaskParameters,
  uploadKey,
} from '@obscura/shared'
import { emptyDatabase } from '@obscura/test-servers/pglite'
import type { FastifyInstance } from 'fastify'
import { buildApp } from '../app.js'
import { type ApiDependencies, apiSettings } from '../settings.js'

/** An answer; `body` is parsed when it is JSON. */
export interface Answer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: what an answer holds is for the test to say
  body: any
}

export interface RequestOptions {
  token?: string
  /** Sent as it is; an object is sent as JSON, without a Content-Type. */
  body?: unknown
  headers?: Record<string, string>
}

export type Service = Awaited<ReturnType<typeof startService>>

export const PASSWORD = 'correct horse'
/** Issuer of the tokens of the service. */
export const ISSUER = 'https://obscura.example'
/** The first bytes of a JPEG: enough where nothing decodes it. */
export const JPEG = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex')
/** Prefix that {@link Service} adds to an image to mark it as anonymized. */
export const MARK = Buffer.from('anonymized ')
export const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')

/** `publicUrl` is the address for clients, if it differs from its own. */
export async function startService(
  change: (dependencies: ApiDependencies) => ApiDependencies = same => same,
  publicUrl?: () => string,
) {
  const folder = await mkdtemp(join(tmpdir(), 'obscura-api-'))
  await (await openPGlite(join(folder, 'database'), await emptyDatabase())).close()
  let url = ''
  const log = createLogger('silent')
  const database = await createDatabase(process.env.DATABASE_URL)
  const environment = { ...process.env, OBSCURA_DATA: folder, DATABASE_URL: database.url }
  const backing = await openBackingServices(readConfig(environment), publicUrl ?? (() => url), log)
  const dependencies = change({
    ...backing,
    log,
    settings: {
      ...apiSettings(readConfig(), () => url),
      issuer: ISSUER,
      supportContact: 'support (help@example.com)',
      uploadMaxBytes: 1_000_000,
      s3Events: undefined,
    },
  })
  const app = await buildApp(dependencies)
  url = await app.listen({ port: 0, host: '127.0.0.1' })
  const others: FastifyInstance[] = []
  /**
   * Starts another API on the same database, as another process would be.
   * @returns its URL, with which `request` reaches it
   */
  const startAnother = async () => {
    const another = await buildApp(dependencies)
    others.push(another)
    return another.listen({ port: 0, host: '127.0.0.1' })
  }
  const claimed = new Map<number, Task>()
  let closing = false
  let working: Promise<void> | undefined
  let rendering: Promise<void> | undefined

  async function request(method: string, path: string, { token, body, headers }: RequestOptions = {}): Promise<Answer> {
    const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array
    const response = await fetch(new URL(path, url), {
      method,
      redirect: 'manual',
      // As bytes, so that fetch adds no Content-Type.
      body: raw ? (typeof body === 'string' ? Buffer.from(body) : body) : Buffer.from(JSON.stringify(body)),
      headers: { ...(token && { authorization: token }), ...headers },
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json')
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
  }

  async function signIn(username: string): Promise<string> {
    return (await request('POST', '/v2/signin', { body: { username, password: PASSWORD } })).body.AccessToken
  }

  /** A new user, signed in: of a new customer unless one is named. */
  async function newUser(customer = `customer-${randomUUID()}`): Promise<{ username: string; token: string; customer: string }> {
    const username = `user-${randomUUID()}`
    await addUser(backing.db, username, PASSWORD, customer)
    return { username, customer, token: await signIn(username) }
  }

  async function create(token: string, parameters: Partial<Record<keyof TaskParameters, unknown>> = {}) {
    const answer = await request('POST', '/v2/task', {
      token,
      body: { anonymization_method: 'blur', face: true, ...parameters },
    })
    return answer.body as { task_id: number; customer_id: string; upload_url: string }
  }

  const upload = (uploadUrl: string, body: Uint8Array = JPEG, headers: Record<string, string> = {}) =>
    request('PUT', uploadUrl, { body, headers })

  const status = async (token: string, taskId: number) => (await request('GET', `/v2/task/${taskId}/status`, { token })).body

  /** Claims a queued task as a worker does. */
  async function claim(taskId: number): Promise<Task> {
    while (!claimed.has(taskId)) {
      const task = await claimTask(backing.db, 'test', 600)
      if (!task) throw new Error(`Task ${taskId} is not queued.`)
      claimed.set(task.id, task)
    }
    return claimed.get(taskId)!
  }

  const leaseOf = (task: Task) => ({ taskId: task.id, owner: 'test', attempt: task.attempt })

  /** Finishes a queued task as a worker does, with invented results. */
  async function complete(taskId: number, detections: StoredDetection[] = [], outputFormat?: 'jpeg' | 'png'): Promise<void> {
    const task = await claim(taskId)
    const keys = resultKeys(task, task.attempt, outputFormat ?? 'jpeg')
    if (outputFormat) await backing.store.put(keys.anonymized, Buffer.from('anonymized'), `image/${outputFormat}`)
    await backing.store.put(keys.binaryMask, Buffer.from('binary'), 'image/png')
    await backing.store.put(keys.instanceMask, Buffer.from('instance'), 'image/png')
    const regions = detections.map(({ class: name, score, box }, id) => ({
      ...{ id, class: name, score, box, source: 'detector', shape: 'rectangle' },
      mask: { top: box[1], rows: Array.from({ length: box[3] - box[1] }, () => [box[0], box[2]]) },
    }))
    await backing.store.put(regionsKey(task, task.attempt), Buffer.from(JSON.stringify(regions)), 'application/json')
    const result = {
      outputFormat,
      outputWidth: 40,
      outputHeight: 30,
      detections,
      timings: { detect: 12.5 },
      warnings: ['The image is truncated.'],
    }
    if (!(await completeTask(backing.db, leaseOf(task), result))) throw new Error('The lease was lost.')
  }

  const fail = async (taskId: number, cause: FailureCause) => failTask(backing.db, leaseOf(await claim(taskId)), cause, 'A test.')

  /**
   * Finishes every task as a worker does, until the test ends; the "anonymized" image is the
   * original with a prefix.
   */
  async function work(): Promise<void> {
    while (!closing) {
      const task = await claimTask(backing.db, 'test', 600)
      if (!task) {
        await sleep(20)
        continue
      }
      const original = await backing.store.get(uploadKey(task), task.uploadEtag ?? undefined)
      await backing.store.put(resultKeys(task, task.attempt, 'jpeg').anonymized, Buffer.concat([MARK, original]), 'image/jpeg')
      await backing.store.put(regionsKey(task, task.attempt), Buffer.from('[]'), 'application/json')
      const result = { outputFormat: 'jpeg', outputWidth: 40, outputHeight: 30, detections: [], timings: {} } as const
      await completeTask(backing.db, leaseOf(task), result)
    }
  }

  /**
   * Renders revisions as a worker does, until the test ends; the "image" is the IDs of its regions.
   */
  async function renderRevisions(): Promise<void> {
    while (!closing) {
      const rendering = await claimRendering(backing.db, 600)
      if (rendering) await renderRevision(rendering)
      else await sleep(10)
    }
  }

  async function renderRevision(rendering: Rendering): Promise<void> {
    const { task, revision, edits } = rendering
    const detected = JSON.parse((await backing.store.get(regionsKey(task, task.attempt))).toString()) as StoredRegion[]
    const regions = editedRegions(detected, edits)
    const image = Buffer.from(JSON.stringify(regions.map(({ id }) => id)))
    await backing.store.put(resultKeys(task, task.attempt, 'jpeg', revision).anonymized, image, 'image/jpeg')
    const detections = regions.flatMap(({ id, class: name, score, box }) =>
      name === 'area' ? [] : [{ id, class: name, score, box, anonymised: true }],
    )
    const result = { outputFormat: 'jpeg', outputWidth: 40, outputHeight: 30, detections, timings: {} } as const
    await completeRendering(backing.db, rendering, result)
  }

  const startRendering = () => {
    rendering ??= renderRevisions()
  }

  async function close(): Promise<void> {
    closing = true
    await working
    await rendering
    await Promise.all([app, ...others].map(api => api.close()))
    await backing.close()
    await database.drop()
    await rm(folder, { recursive: true, force: true })
  }

  const startWork = () => {
    working ??= work()
  }

  return {
    ...backing,
    app,
    dependencies,
    url,
    folder,
    startAnother,
    request,
    signIn,
    newUser,
    create,
    upload,
    status,
    claim,
    complete,
    fail,
    startWork,
    startRendering,
    close,
  }
}

/**
 * A separate database on the server that the environment names, so that test files do not share
 * one; otherwise the embedded one.
 */
async function createDatabase(server: string | undefined) {
  if (!server) return { url: undefined, drop: async () => undefined }
  const name = `obscura_${randomUUID().replaceAll('-', '')}`
  const url = new URL(server)
  url.pathname = name
  const run = async (sql: string) => {
    const db = await openPostgres(server, 1)
    await db.query(sql).finally(() => db.close())
  }
  await run(`create database ${name}`)
  return { url: url.href, drop: () => run(`drop database ${name}`) }
}
