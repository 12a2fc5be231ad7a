/**
 * A real service for tests: it listens on a free port, with the services that the environment
 * selects (embedded by default).
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  addUser,
  createLogger,
  openBackingServices,
  openPGlite,
  openPostgres,
  readConfig,
  type TaskParameters,
} from '@obscura/shared'
import { emptyDatabase } from '@obscura/test-servers/pglite'
import type { FastifyInstance } from 'fastify'
import { buildApp } from '../app.js'
import { type ApiDependencies, apiSettings } from '../settings.js'
import { createStubWorker } from './stub-worker.js'

export { MARK } from './stub-worker.js'

/** A response; `body` is parsed when it is JSON. */
export interface ServiceResponse {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: what a response holds is for the test to say
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
  const worker = createStubWorker(backing)

  async function request(method: string, path: string, { token, body, headers }: RequestOptions = {}): Promise<ServiceResponse> {
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
    const created = await request('POST', '/v2/task', {
      token,
      body: { anonymization_method: 'blur', face: true, ...parameters },
    })
    return created.body as { task_id: number; customer_id: string; upload_url: string }
  }

  const upload = (uploadUrl: string, body: Uint8Array = JPEG, headers: Record<string, string> = {}) =>
    request('PUT', uploadUrl, { body, headers })

  const status = async (token: string, taskId: number) => (await request('GET', `/v2/task/${taskId}/status`, { token })).body

  async function close(): Promise<void> {
    await worker.stop()
    await Promise.all([app, ...others].map(api => api.close()))
    await backing.close()
    await database.drop()
    await rm(folder, { recursive: true, force: true })
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
    claim: worker.claim,
    complete: worker.complete,
    fail: worker.fail,
    startWork: worker.startWork,
    startRendering: worker.startRendering,
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
