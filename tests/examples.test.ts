/**
 * The example clients against the real service, through a network that fails each step of them
 * once.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { absent, missing } from '@obscura/test-servers/requirement'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ended, REPOSITORY } from './command.js'
import { photo, serve } from './service.js'

/** The first Python that has what the client needs: the one in the PATH may be another. */
const python = ['python3', '/usr/bin/python3'].find(name => spawnSync(name, ['-c', 'import requests']).status === 0)

const client = (name: string) => path.join(REPOSITORY, 'examples', name)
const CLIENTS = [
  {
    name: 'obscura_client.py',
    skip: python === undefined && absent("Python's requests", 'python3-requests'),
    command: (out: string) => [python!, client('obscura_client.py'), '--out', out],
    renewsToken: true,
  },
  {
    name: 'obscura-client.mjs',
    skip: false,
    command: (out: string) => [process.execPath, client('obscura-client.mjs'), '--out', out],
    renewsToken: true,
  },
  {
    name: 'obscura-client.sh',
    skip: missing('curl') || missing('jq'),
    command: (out: string) => ['bash', client('obscura-client.sh'), out],
    renewsToken: false,
  },
]

/** What goes wrong, once each: the method and path of a request, and what becomes of it. */
type Fault = [method: string, route: RegExp, what: 'busy' | 'reset' | 'expired' | 'cut']
const faults = (renewsToken: boolean): Fault[] => [
  ['POST', /^\/v2\/signin/, 'busy'],
  ['POST', /^\/v2\/task/, 'reset'],
  ['PUT', /./, 'busy'],
  ['PUT', /./, 'reset'],
  ['GET', /\/status$/, renewsToken ? 'expired' : 'reset'],
  ['GET', /\/status$/, 'busy'],
  ['GET', /\/v2\/task\/\d+$/, 'reset'],
  ['GET', /^\/(?!v2)/, 'cut'],
]

let service: Awaited<ReturnType<typeof serve>>
let root: string
let pending: Fault[] = []

/** Passes everything to the service, but for the faults that are pending. */
const network = createServer((incoming, outgoing) => {
  const at = pending.findIndex(([method, route]) => incoming.method === method && route.test(incoming.url!.split('?')[0]))
  const [fault] = at < 0 ? [] : pending.splice(at, 1)
  const what = fault?.[2]
  if (what === 'reset') incoming.socket.destroy()
  else if (what === 'busy') refuse(incoming, outgoing, 503)
  else if (what === 'expired') refuse(incoming, outgoing, 401)
  else pass(incoming, outgoing, what === 'cut')
})

function refuse(incoming: IncomingMessage, outgoing: ServerResponse, status: number): void {
  incoming.resume()
  outgoing.writeHead(status, { 'retry-after': '1', 'content-type': 'application/json' })
  outgoing.end('{"message": "The incoming token has expired"}')
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, isCut: boolean): void {
  const { method, headers } = incoming
  const passed = request(service.url + incoming.url, { method, headers }, async response => {
    outgoing.writeHead(response.statusCode!, response.headers)
    if (!isCut) return response.pipe(outgoing)
    outgoing.write(Buffer.concat(await response.toArray()).subarray(0, 1000), () => outgoing.destroy())
  })
  passed.on('error', () => outgoing.destroy())
  incoming.on('error', () => passed.destroy())
  incoming.pipe(passed)
}

beforeAll(async () => {
  service = await serve('examples')
  root = await mkdtemp(path.join(tmpdir(), 'obscura-examples-'))
  await mkdir(path.join(root, 'photos'))
  for (const name of ['a.jpg', 'b c.jpg']) await writeFile(path.join(root, 'photos', name), photo)
  await writeFile(path.join(root, 'photos/broken.jpg'), photo.subarray(0, 300))
  network.listen(0, '127.0.0.1')
  await once(network, 'listening')
})
afterAll(async () => {
  network.closeAllConnections()
  network.close()
  service.child.kill('SIGTERM')
  await ended(service.child)
  await rm(root, { recursive: true, force: true })
})

function run(command: string[], photos: string[], password = 'first secret') {
  const [program, ...args] = [...command, ...photos.map(name => path.join(root, 'photos', name))]
  const env = {
    PATH: process.env.PATH,
    OBSCURA_URL: `http://127.0.0.1:${(network.address() as AddressInfo).port}`,
    OBSCURA_USERNAME: 'admin',
    OBSCURA_PASSWORD: password,
  }
  return ended(spawn(program, args, { env }))
}

describe.each(CLIENTS.filter(({ skip }) => !skip))('$name', ({ name, command, renewsToken }) => {
  const out = () => path.join(root, name)

  test('anonymizes photos although each step fails once, and names the photo that is damaged', async () => {
    pending = faults(renewsToken)
    const first = await run(command(out()), ['a.jpg', 'broken.jpg', 'b c.jpg'])
    expect(first.stderr).toMatch(/broken\.jpg: failed: task \d+.*: IMAGE_DEFECT\n/)
    expect(first.stdout.match(/: anonymized$/gm)).toHaveLength(2)
    expect(first.code).toBe(1)
    expect(pending).toEqual([])
    expect((await readdir(out())).sort()).toEqual(['a.jpg', 'b c.jpg'])
    for (const result of ['a.jpg', 'b c.jpg']) {
      const bytes = await readFile(path.join(out(), result))
      expect((await sharp(bytes).stats()).channels).toHaveLength(3)
      expect(bytes.equals(photo)).toBe(false)
    }
  })

  test('skips what is done in a second run', async () => {
    const second = await run(command(out()), ['a.jpg', 'b c.jpg'])
    expect(second).toMatchObject({ code: 0, stderr: '' })
    expect(second.stdout.match(/: skipped, .* exists$/gm)).toHaveLength(2)
  })

  test('says what the service says to a wrong password, and to photos that do not exist', async () => {
    const wrong = await run(command(`${out()}-none`), ['a.jpg'], 'wrong')
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('Incorrect username or password.') })
    const none = await run(command(`${out()}-none`), ['none.jpg'])
    expect(none).toMatchObject({ code: 1, stderr: expect.stringMatching(/none\.jpg: failed: /) })
    expect(await readdir(`${out()}-none`)).toEqual([])
  })
})

test.skipIf(missing('mypy'))('the Python client passes the strict checks of mypy', () => {
  const { stdout, status } = spawnSync('mypy', ['--strict', '--python-version=3.9', client('obscura_client.py')], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(stdout).toMatch(/^Success: no issues found/)
  expect(status).toBe(0)
})
