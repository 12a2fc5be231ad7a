/** `obscura tasks` beside a running service, in its folder when none runs, and on PostgreSQL. */
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { addUser, createTask, openDatabase, readConfig, readCreateTask } from '@obscura/shared'
import { startPostgres } from '@obscura/test-servers/postgres'
import { missing } from '@obscura/test-servers/requirement'
import { until } from '@obscura/test-servers/server-folder'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Client, signIn } from './chaos/client.js'
import { ended, obscura, printed, start } from './command.js'

let folder: string
let env: Record<string, string>

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'obscura-tasks-'))
  env = {
    OBSCURA_DATA: folder,
    OBSCURA_PASSWORD: 'first secret',
    PORT: '0',
    LOG_LEVEL: 'warn',
    ENGINE_PROFILE: 'fast',
    ENGINE_PROCESSES: '1',
    NODE_NO_WARNINGS: '1',
  }
})
afterAll(() => rm(folder, { recursive: true }))

const tasks = (...args: string[]) => obscura(['tasks', ...args], { env })

async function json<T>(...args: string[]): Promise<T> {
  const { stdout, stderr, code } = await tasks(...args, '--json')
  expect([stderr, code]).toEqual(['', 0])
  return JSON.parse(stdout) as T
}

describe('failed tasks', () => {
  let service: ChildProcess
  let client: Client
  let broken: number[]

  beforeAll(async () => {
    service = start(['serve'], { env })
    const [, url] = await printed(service, 'stdout', /ready at (http\S+)/)
    client = await signIn(url, 'admin', 'first secret')
    // An image that ends after its first bytes.
    const content = Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex')
    broken = [await client.send(content), await client.send(content)]
    for (const id of broken) await until(async () => (await client.status(id)) === 'failed', 60)
  })
  afterAll(() => service.kill('SIGKILL'))

  test('are listed and shown beside the running service', async () => {
    const { stdout } = await tasks('list', '--status', 'failed', '--since', '1h')
    const [head, ...lines] = stdout.trim().split('\n')
    expect(head).toMatch(/^TASK +AGE +STATUS +ATTEMPTS +CUSTOMER +FAILURE$/)
    expect(lines.map(line => line.split(/ +/)[0])).toEqual(broken.toReversed().map(String))
    expect(lines[0]).toMatch(/ \d+[sm] +failed +1 +default +IMAGE_DEFECT: /)
    expect((await json<object[]>('list', '--before', '1h')).length).toBe(0)

    const shown = (await tasks('show', String(broken[0]))).stdout
    for (const line of [/^status +failed$/m, /^attempts +1, 0 of them failed$/m, / uploaded +\d+s ago +20 bytes/, / ended /])
      expect(shown).toMatch(line)
    expect(shown).toMatch(new RegExp(`^Files\n\\S+ +\\S+/${broken[0]}/original +20 bytes$`, 'm'))
    expect(await json('show', String(broken[0]))).toMatchObject({ id: broken[0], failureCause: 'IMAGE_DEFECT', failures: 0 })
  })

  test('are retried: a given one, or all with a cause', async () => {
    expect(await tasks('retry', String(broken[0]))).toMatchObject({ code: 0, stdout: '1 task is queued for retry.\n' })
    await until(async () => (await client.status(broken[0])) === 'failed', 60)
    expect(await json('show', String(broken[0]))).toMatchObject({ attempt: 2, status: 'failed' })
    const dry = await tasks('retry', '--cause', 'IMAGE_DEFECT', '--since', '1h', '--dry-run')
    expect(dry.stdout).toBe('2 failed tasks would be retried.\n')
    const all = await tasks('retry', '--cause', 'IMAGE_DEFECT', '--since', '1h')
    expect(all.stdout).toBe('2 tasks are queued for retry.\n')
    for (const id of broken) await until(async () => (await client.status(id)) === 'failed', 60)
    expect((await tasks('retry', '--cause', 'INTERNAL_ERROR')).stdout).toBe('0 tasks are queued for retry.\n')
  })

  test('stay as they are without their original, in the folder of a stopped service as well', async () => {
    if (service.exitCode === null) {
      service.kill('SIGTERM')
      await ended(service)
    }
    await rm(path.join(folder, 'files', 'objects'), { recursive: true, force: true })
    const { code, stderr } = await tasks('retry', '--all')
    expect(code).toBe(1)
    expect(stderr).toBe(
      `obscura: Not retried: ${broken.toReversed().join(', ')}. Its original no longer exists: upload it to a new task.\n`,
    )
    expect(await json<object[]>('list', '--status', 'failed')).toHaveLength(2)
  })
})

test.each([
  [['show', '1'], /Task 1 does not exist\.$/m],
  [['show', 'x'], /A task ID is a number of 16 digits/],
  [['retry'], /Give task IDs, or select tasks with --cause or --all/],
  [['list', '--since', 'yesterday'], /It must be a duration before now/],
])('tasks %j says what is wrong', async (args, message) => {
  const { code, stderr } = await tasks(...args)
  expect(code).toBe(1)
  expect(stderr).toMatch(message)
})

test.skipIf(missing('initdb'))('PostgreSQL is asked directly, once its tables are there', async () => {
  const postgres = await startPostgres()
  const DATABASE_URL = await postgres.createDatabase()
  const list = () => obscura(['tasks', 'list'], { env: { ...env, DATABASE_URL } })
  expect((await list()).stderr).toMatch(/not up to date: run obscura setup/)
  const db = await openDatabase(readConfig({ DATABASE_URL }))
  const { customerId } = await addUser(db, 'maria', 'secret', 'City of Graz')
  const parameters = readCreateTask('{"anonymization_method": "blur", "face": true}', { plainHttpWebhooks: false })
  const { id } = await createTask(db, customerId, parameters, 3600)
  expect((await list()).stdout).toMatch(new RegExp(`^${id} +\\d+s +new +0 +City of Graz$`, 'm'))
  await db.close()
  await postgres.stop()
})
