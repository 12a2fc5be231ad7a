import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEngine, DEFAULT_PARAMETERS, findSandbox } from '../index.js'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const MODELS = path('../../../../models')
const INTRUDER = new URL('../test/intruder.mjs', import.meta.url)
const COMMANDED = new URL('../test/child-on-command.mjs', import.meta.url)

const bubblewrap = await findSandbox('required', 'cpu').catch(() => undefined)
if (!bubblewrap && process.env.REQUIRE_SERVICES)
  throw new Error('bubblewrap does not work here. Install the package bubblewrap, or unset REQUIRE_SERVICES.')

interface Findings {
  environment: string[]
  files: string[]
  otherEnvironments: boolean
  writable: string[]
  network?: string
  programs?: string
  models: boolean
}

let folder: string
let server: Server

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'data-'))
  await mkdir(join(folder, 'files'))
  await writeFile(join(folder, 'admin.json'), '{"secret":"hunter2"}')
  await writeFile(join(folder, 'files/original'), 'somebody else')
  server = createServer((_, response) => response.end('the admin route'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true })
})

/** A service with secrets in its environment, whose engine has an intruder for a child. */
async function probeSandbox(mode: string, environment: Record<string, string> = {}): Promise<Findings> {
  const order = {
    files: [join(folder, 'admin.json'), join(folder, 'files/original'), '/etc/passwd', path('../../../../package.json')],
    folders: [folder, MODELS],
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/admin`,
    module: MODELS,
  }
  const program = `
    import { createEngine, DEFAULT_PARAMETERS } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)}
    const childModule = new URL(${JSON.stringify(INTRUDER.href)})
    const engine = createEngine({ modelsFolder: ${JSON.stringify(MODELS)}, childModule, children: 1, sandbox: '${mode}' })
    await engine.anonymize(Buffer.from(${JSON.stringify(JSON.stringify(order))}), DEFAULT_PARAMETERS).catch(({ message }) => console.log(message))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    env: { ...process.env, DATABASE_URL: 'postgres://x:hunter2@db', S3_SECRET_ACCESS_KEY: 'hunter2', ...environment },
  })
  return JSON.parse(stdout)
}

/** A PATH on which there is no bubblewrap. */
async function pathWithoutBubblewrap(): Promise<string> {
  const bin = await mkdtemp(join(folder, 'bin-'))
  await symlink(process.execPath, join(bin, 'node'))
  return bin
}

const known =
  /^(PATH|HOME|LANG|LANGUAGE|TZ|TMPDIR|NODE_ENV|LD_LIBRARY_PATH|GLIBC_TUNABLES|PWD|(LC|MALLOC|ORT|OMP|VIPS|CUDA|NVIDIA|VK|MESA)_.*)$/

describe('a compromised child', () => {
  test.runIf(bubblewrap)('finds nothing in bubblewrap: no secrets, files, processes, network or writable folders', async () => {
    const booty = await probeSandbox('required')
    expect(booty.environment.filter(name => !known.test(name))).toEqual([])
    expect(booty).toMatchObject({ files: [], otherEnvironments: false, writable: [], models: true })
    expect(booty.network).toBeUndefined()
  })

  test("finds no file and starts no program where Node.js' permission model is all there is", async () => {
    const booty = await probeSandbox('auto', { PATH: await pathWithoutBubblewrap() })
    expect(booty.environment.filter(name => !known.test(name))).toEqual([])
    expect(booty).toMatchObject({ files: [], otherEnvironments: false, writable: [], models: true })
    expect(booty.programs).toBeUndefined()
  })

  test('finds no secret in its environment even without a sandbox', async () => {
    const booty = await probeSandbox('off')
    expect(booty.environment.filter(name => !known.test(name))).toEqual([])
    // Or the other tests could not fail.
    expect(booty).toMatchObject({ files: expect.arrayContaining([join(folder, 'admin.json')]), network: 'the admin route' })
    expect(booty.writable).toContain(folder)
  })
})

test('where a sandbox is required and there is none, each image is refused with the remedy', async () => {
  const program = `
    import { createEngine, DEFAULT_PARAMETERS } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)}
    await createEngine({ modelsFolder: '', sandbox: 'required' }).anonymize(Buffer.from(''), DEFAULT_PARAMETERS).catch(e => console.log(e.name, e.message))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    env: { PATH: await pathWithoutBubblewrap() },
  })
  expect(stdout).toMatch(/^SandboxError .*install the package bubblewrap/)
})

describe.runIf(bubblewrap)('in bubblewrap', () => {
  const open = (options: object = {}) => createEngine({ modelsFolder: MODELS, children: 1, sandbox: 'required', ...options })
  const commanded = (options: object = {}) => {
    const engine = open({ childModule: COMMANDED, ...options })
    return { engine, order: (command: string) => engine.anonymize(Buffer.from(command), DEFAULT_PARAMETERS) }
  }

  test('the real child anonymizes, with its second thread', async () => {
    const engine = open({ threads: 2, profile: 'fast' })
    const photo = await readFile(path('../../../../tests/fixtures/group-portrait.jpg'))
    try {
      const { detections, device } = await engine.anonymize(photo, { ...DEFAULT_PARAMETERS, face: true })
      expect(detections.length).toBeGreaterThan(5)
      expect(device).toBe('cpu')
    } finally {
      await engine.close()
    }
  })

  test.each([
    ['crash', 'exited (SIGSEGV)', {}],
    ['leave', 'exited (exit code 3)', {}],
    ['hang', 'longer than 3 s', { limits: { time: 3000 } }],
    ['eat', '400 MB', { limits: { memory: 400e6 } }],
  ])('%s: it is noticed from outside, and the next image gets a new child', async (command, message, options) => {
    const { engine, order } = commanded(options)
    try {
      await expect(order(command)).rejects.toThrow(message)
      await expect(order('work')).resolves.toMatchObject({ format: 'jpeg' })
    } finally {
      await engine.close()
    }
  })

  test('nothing is left when the engine is closed, when a child hangs, and when the parent is killed', async () => {
    // A copy tells its processes from those of other tests.
    const module = join(folder, 'commanded.mjs')
    const channel = new URL('../../dist/channel.js', import.meta.url).href
    await writeFile(module, (await readFile(COMMANDED, 'utf8')).replace('../../dist/channel.js', channel))
    const { engine, order } = commanded({ childModule: new URL(`file://${module}`), limits: { time: 2000 } })
    await order('work')
    expect(await processesOf(module)).not.toBe(0)
    await expect(order('hang')).rejects.toThrow('longer')
    await expect.poll(() => processesOf(module)).toBe(0)
    await order('work')
    await engine.close()
    await expect.poll(() => processesOf(module)).toBe(0)

    const program = `
      import { createEngine, DEFAULT_PARAMETERS } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)}
      const engine = createEngine({ modelsFolder: '', childModule: new URL('file://' + process.argv[1]), sandbox: 'required' })
      await engine.anonymize(Buffer.from('work'), DEFAULT_PARAMETERS)
      console.log('ready')
      engine.anonymize(Buffer.from('hang'), DEFAULT_PARAMETERS)`
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', program, module], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(parent.stdout, 'data')
    await sleep(100)
    parent.kill('SIGKILL')
    await expect.poll(() => processesOf(module)).toBe(0)
  })

  test('a large image needs no disk space', async () => {
    const engine = open({ profile: 'fast' })
    const large = await sharp({ create: { width: 10_000, height: 8000, channels: 3, background: 'gray' } })
      .jpeg()
      .toBuffer()
    try {
      await expect(engine.anonymize(large, { ...DEFAULT_PARAMETERS, face: true })).resolves.toMatchObject({ width: 10_000 })
    } finally {
      await engine.close()
    }
  })
})

/** How many processes have a program among their arguments. */
async function processesOf(module: string): Promise<number> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return lines.filter(line => line.includes(`${module}\0`) && !line.includes('--eval')).length
}
