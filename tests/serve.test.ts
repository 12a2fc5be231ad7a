import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { noNamespaces, OWN_NAMESPACES } from '@obscura/test-servers/namespaces'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ended, FIXTURES, obscura, printed, REPOSITORY, start } from './command.js'

let root: string
let photo: Buffer

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'obscura-serve-'))
  photo = await sharp(path.join(FIXTURES, 'group-portrait.jpg')).resize(640).jpeg().toBuffer()
})

afterAll(() => rm(root, { recursive: true, force: true }))

const environment = (folder: string) => ({
  OBSCURA_DATA: path.join(root, folder),
  OBSCURA_USERNAME: 'admin',
  OBSCURA_PASSWORD: 'first secret',
  PORT: '0',
  HOST: '127.0.0.1',
  LOG_LEVEL: 'warn',
  ENGINE_PROFILE: 'fast',
  ENGINE_CHILDREN: '1',
  TASK_LEASE_SECONDS: '5',
})

async function serve(folder: string, settings: Record<string, string> = {}): Promise<{ child: ChildProcess; url: string }> {
  const child = start(['serve'], { env: { ...environment(folder), ...settings } })
  const [, url] = await printed(child, 'stdout', /ready at (http\S+)/)
  return { child, url }
}

/** What the tests read of the API's answers. */
interface Answer {
  AccessToken: string
  task_id: number
  task_status: string
  failure_cause?: string
  upload_url: string
  original_url: string
  anonymized_url: string
  binary_segmentation_mask_url: string
  instance_segmentation_mask_url: string
  detections: object[]
  items: object[]
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

const json = async (response: Response) => (await response.json()) as Answer

/** The v2 API as a client of one user sees it. */
async function signIn(url: string, username = 'admin', password = 'first secret') {
  const response = await fetch(`${url}/v2/signin/`, { method: 'POST', body: JSON.stringify({ username, password }) })
  const { AccessToken } = await json(response)
  const call = (method: string, target: string, body?: unknown) =>
    fetch(url + target, {
      method,
      headers: { Authorization: AccessToken },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
  const read = async (target: string) => json(await call('GET', target))
  return {
    status: response.status,
    call,
    read,
    /** Creates a task and uploads the photo to it, declared as `type`. */
    async submit(parameters: Record<string, unknown>, file: Uint8Array = photo, type?: string): Promise<string> {
      const created = await call('POST', '/v2/task/', { 'anonymization-method': 'blur', face: true, ...parameters })
      expect(created.status).toBe(200)
      const { task_id, upload_url } = await json(created)
      const headers: Record<string, string> = type === undefined ? {} : { 'Content-Type': type }
      expect((await fetch(upload_url, { method: 'PUT', headers, body: Buffer.from(file) })).status).toBe(200)
      return String(task_id)
    },
    async finished(id: string) {
      for (;;) {
        const status = await read(`/v2/task/${id}/status`)
        if (['done', 'failed'].includes(status.task_status)) return status
        await sleep(100)
      }
    },
  }
}

const download = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer())

describe('one service', () => {
  let child: ChildProcess
  let url: string
  let client: Awaited<ReturnType<typeof signIn>>

  beforeAll(async () => {
    ;({ child, url } = await serve('one'))
    client = await signIn(url)
  })

  afterAll(async () => {
    child.kill('SIGTERM')
    const [code] = await once(child, 'close')
    expect(code).toBe(0)
  })

  test('a photo goes through the API: task, upload, status, download, masks, metadata, deletion', async () => {
    expect((await fetch(`${url}/ready`)).status).toBe(200)
    const id = await client.submit({ binary_segmentation_mask: true, instance_segmentation_mask: true })
    const status = await client.finished(id)
    expect(status).toMatchObject({ task_id: Number(id), task_status: 'done' })

    const task = await client.read(`/v2/task/${id}`)
    const anonymized = await sharp(await download(task.anonymized_url)).metadata()
    expect(anonymized).toMatchObject({ format: 'jpeg', width: 640 })
    expect(await download(task.original_url)).toEqual(photo)
    for (const mask of [task.binary_segmentation_mask_url, task.instance_segmentation_mask_url]) {
      expect(await sharp(await download(mask)).metadata()).toMatchObject({ format: 'png', width: 640 })
    }
    const { detections } = await client.read(`/v2/task/${id}/metadata`)
    expect(detections.length).toBeGreaterThanOrEqual(5)
    expect(detections[0]).toMatchObject({ type: 103, type_label: 'face', is_anonymised: true })
    const { items } = await client.read('/v2/task/list?create_time_after=2020-01-01')
    expect(items).toContainEqual(expect.objectContaining({ task_id: Number(id), task_status: 'done' }))

    expect(await json(await client.call('DELETE', `/v2/task/${id}/files`))).toEqual({ files_deleted: true, task_id: id })
    expect((await fetch(task.anonymized_url)).ok).toBe(false)
    expect((await client.read(`/v2/task/${id}/status`)).task_status).toBe('deleted')
  })

  test('a bad file fails its own task with the documented cause', async () => {
    const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')
    const png = await sharp(photo).png().toBuffer()
    const cases: [file: Uint8Array, type: string | undefined, parameters: Record<string, unknown>, cause: string | undefined][] =
      [
        [photo.subarray(0, 300), undefined, {}, 'IMAGE_DEFECT'],
        [png.subarray(0, 40), 'image/png', {}, 'IMAGE_DEFECT'],
        [gif, 'image/jpeg', {}, 'IMAGE_DEFECT'],
        [gif, undefined, {}, 'CONTENT_TYPE_ERROR'],
        [new Uint8Array(), undefined, {}, 'IMAGE_DEFECT'],
        [photo, 'image/gif', {}, 'CONTENT_TYPE_ERROR'],
        [photo, undefined, { format: 'pano:4096' }, 'PARAMETER_ERROR_FORMAT'],
        [png, 'image/jpeg', {}, undefined],
      ]
    const outcomes = cases.map(async ([file, type, parameters]) => {
      const status = await client.finished(await client.submit(parameters, file, type))
      return status.failure_cause
    })
    expect(await Promise.all(outcomes)).toEqual(cases.map(([, , , cause]) => cause))

    const empty = await json(
      await client.call('POST', '/v2/task', { anonymization_method: 'blur', face: true, start_on: 'start_request' }),
    )
    const started = await json(await client.call('POST', `/v2/task/${empty.task_id}/start`))
    expect(started).toMatchObject({ task_status: 'failed', failure_cause: 'TASK_FILE_DOESNT_EXIST' })
  })

  test('users are administered beside the running service, and see only the tasks of their own customer', async () => {
    const env = environment('one')
    const add = ['user', 'add', 'maria', '--customer', 'City of Graz', '--password-stdin']
    expect(await obscura(add, { env, input: 'the pass word\n' })).toMatchObject({ code: 0 })
    expect(await obscura(add, { env, input: 'the pass word\n' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('already'),
    })
    const { stdout } = await obscura(['user', 'list'], { env })
    expect(stdout).toMatch(/^admin\tdefault\t.*\nmaria\tCity of Graz\t.*\n$/)

    const maria = await signIn(url, 'maria', 'the pass word')
    expect(maria.status).toBe(200)
    const id = await client.submit({})
    expect((await maria.call('GET', `/v2/task/${id}`)).status).toBe(400)

    const password = ['user', 'password', 'maria', '--password-stdin']
    expect(await obscura(password, { env, input: 'change' })).toMatchObject({
      code: 1,
      stderr: 'obscura: The password must have at least 8 characters.\n',
    })
    expect(await obscura(password, { env, input: 'a new pass word' })).toMatchObject({ code: 0 })
    expect((await signIn(url, 'maria', 'the pass word')).status).toBe(400)
    const again = await signIn(url, 'maria', 'a new pass word')
    expect(again.status).toBe(200)
    expect(await obscura(['user', 'signout', 'maria'], { env })).toMatchObject({ code: 0, stdout: 'Ended 1 session.\n' })
    expect(await obscura(['user', 'signout'], { env })).toMatchObject({ code: 1 })
    await expect.poll(async () => (await again.call('GET', '/v2/usage')).status, { timeout: 10_000 }).toBe(401)
    expect(await obscura(['user', 'remove', 'maria'], { env })).toMatchObject({ code: 0 })
    expect(await obscura(['user', 'remove', 'maria'], { env })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no user named maria'),
    })
    await client.finished(id)
  })

  test('a second service on the same folder is refused, and so is one on a taken port', async () => {
    expect(await obscura(['serve'], { env: environment('one') })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is in use by process'),
    })
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const env = { ...environment('two'), OBSCURA_PASSWORD: '', PORT: String(port) }
    expect(await obscura(['serve'], { env })).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^Created the user admin with the password \S{16}\n$/),
      stderr: expect.stringContaining(`Port ${port} of 127.0.0.1 is in use`),
    })
    other.close()
  })
})

test.skipIf(noNamespaces())('a second service is refused also where its process ids are counted apart', async () => {
  const first = await serve('shared')
  const [program, ...args] = [...OWN_NAMESPACES, process.execPath, `${REPOSITORY}/apps/cli/dist/main.js`, 'serve']
  const second = spawn(program, args, { env: { ...process.env, ...environment('shared'), HOST: '0.0.0.0' } })
  const { code, stderr } = await ended(second)
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(`in use by process ${first.child.pid} on`) })
  first.child.kill('SIGTERM')
  await once(first.child, 'close')
})

test('a signal that comes twice at once, as with Ctrl-C under npm, still ends the service in order', async () => {
  const { child } = await serve('twice')
  child.kill('SIGINT')
  child.kill('SIGINT')
  setTimeout(() => child.kill('SIGINT'), 50)
  expect(await once(child, 'close')).toEqual([0, null])
})

test('from its first answer on, the first user can sign in', async () => {
  const port = await freePort()
  const child = start(['serve'], { env: { ...environment('fresh'), PORT: String(port) } })
  const ask = () =>
    fetch(`http://127.0.0.1:${port}/v2/signin`, {
      method: 'POST',
      body: JSON.stringify({ username: 'admin', password: 'first secret' }),
    }).catch(() => undefined)
  let answer = await ask()
  while (!answer) answer = await ask()
  expect(answer.status).toBe(200)
  child.kill('SIGTERM')
  await once(child, 'close')
})

test.each([
  ['change', 'at least 8 characters'],
  ['change-me', 'too similar'],
  ['change-me-too', 'too similar'],
  ['qwerty123456', 'common one'],
])('the first user is not made with the password %s', async (password, reason) => {
  const env = { ...environment('weak'), OBSCURA_PASSWORD: password }
  for (const command of ['serve', 'setup']) {
    const { code, stderr } = await obscura([command], { env })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^obscura: OBSCURA_PASSWORD cannot be used\. .*openssl rand -hex 24\n$/)
    expect(stderr).toContain(reason)
  }
})

test('a program that listens in place of a killed service gets nothing from the commands, and no password', async () => {
  const { child, url } = await serve('impostor')
  const env = environment('impostor')
  child.kill('SIGKILL')
  await once(child, 'close')
  const heard: string[] = []
  const impostor = createServer(socket => {
    socket.on('data', data => heard.push(String(data)))
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"users": []}')
  }).listen(Number(new URL(url).port), '127.0.0.1')
  await once(impostor, 'listening')
  const add = await obscura(['user', 'add', 'maria', '--password-stdin'], { env, input: 'the pass word' })
  expect(add).toMatchObject({ code: 0, stdout: 'Added the user maria of the customer default.\n' })
  expect(await obscura(['user', 'password', 'maria', '--password-stdin'], { env, input: 'a new pass word' })).toMatchObject({
    code: 0,
  })
  expect((await obscura(['tasks', 'list'], { env })).code).toBe(0)
  expect((await obscura(['user', 'list'], { env })).stdout).toMatch(/^admin\t.*\nmaria\t.*\n$/)
  expect(heard).toEqual([])
  impostor.close()
})

test('a data folder that cannot be used is named, without a stack', async () => {
  const file = path.join(root, 'file')
  await writeFile(file, '')
  for (const folder of [file, path.join(file, 'data')]) {
    const { code, stderr } = await obscura(['serve'], { env: { ...environment(''), OBSCURA_DATA: folder } })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^obscura: E\w+: .*set OBSCURA_DATA to another folder\.\n$/)
    expect(stderr).toContain(folder)
  }
})

test('the commands that it prints for a first image work as written', async () => {
  const folder = await mkdtemp(path.join(root, 'first-'))
  const child = start(['serve'], { env: { ...environment('first'), OBSCURA_PASSWORD: '' } })
  const [, lines] = await printed(child, 'stdout', /photo\.jpg, run in another terminal:\n\n([\s\S]*?)\n\nStop with/)
  await sharp(photo).toFile(path.join(folder, 'photo.jpg'))
  const shell = await ended(spawn('bash', ['-euo', 'pipefail', '-c', lines], { cwd: folder }))
  expect(shell).toMatchObject({ code: 0, stdout: expect.stringContaining('"done"') })
  expect(await sharp(await readFile(path.join(folder, 'anonymized.jpg'))).metadata()).toMatchObject({ width: 640 })
  child.kill('SIGINT')
  expect((await once(child, 'close'))[0]).toBe(0)
})

test('a photo that needs more memory than the engine may have ends as INTERNAL_ERROR, and the service goes on', async () => {
  const { child, url } = await serve('narrow', { ENGINE_MAX_MEMORY_MB: '350', TASK_MAX_FAILURES: '2' })
  const client = await signIn(url)
  const large = await sharp(photo).resize(5000).jpeg().toBuffer()
  const all = { person: true, license_plate: true, vehicle: true }
  const status = await client.finished(await client.submit(all, large))
  expect(status).toMatchObject({ task_status: 'failed', failure_cause: 'INTERNAL_ERROR' })
  expect((await client.finished(await client.submit({}, photo.subarray(0, 300)))).failure_cause).toBe('IMAGE_DEFECT')
  child.kill('SIGTERM')
  expect((await once(child, 'close'))[0]).toBe(0)
})

test('after kill -9 and a restart, every accepted task still ends', async () => {
  const first = await serve('killed')
  const client = await signIn(first.url)
  const ids = await Promise.all(Array.from({ length: 5 }, (_, i) => client.submit({}, i === 2 ? photo.subarray(0, 300) : photo)))
  while (
    (await Promise.all(ids.map(id => client.read(`/v2/task/${id}/status`)))).every(({ task_status }) => task_status === 'queued')
  )
    await sleep(20)
  first.child.kill('SIGKILL')
  await once(first.child, 'close')

  const second = await serve('killed')
  const after = await signIn(second.url)
  const ends = await Promise.all(ids.map(id => after.finished(id)))
  expect(ends.map(({ task_status }) => task_status)).toEqual(['done', 'done', 'failed', 'done', 'done'])
  second.child.kill('SIGTERM')
  await once(second.child, 'close')
})
