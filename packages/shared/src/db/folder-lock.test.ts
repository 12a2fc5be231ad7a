import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { noNamespaces, OWN_NAMESPACES } from '@obscura/test-servers/namespaces'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockFolder } from './folder-lock.js'
import { openPGlite } from './pglite.js'

const HOLD_LOCK = fileURLToPath(new URL('test/hold-lock.ts', import.meta.url))
/** An entry of another machine. */
const ELSEWHERE = '01234567.1.another.01234567'

let parent: string
let folder: string
let entries: string
const children: ChildProcess[] = []

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'lock-'))
  folder = join(parent, 'database')
  entries = `${folder}.holders`
})

afterEach(async () => {
  for (const child of children.splice(0)) kill(child)
  await rm(parent, { recursive: true })
})

test('a folder in use is refused, naming the process that uses it', async () => {
  const { child, outcome } = await startHolder()
  expect(outcome).toBe('locked')
  await expect(openPGlite(folder)).rejects.toThrow(`in use by process ${child.pid}`)
})

test('a holder with a blocked event loop keeps the folder', async () => {
  const { child } = await startHolder('block')
  await expect(lockFolder(folder, { staleMs: 100 })).rejects.toThrow(`in use by process ${child.pid}`)
})

test('the folder of a killed process is taken over immediately', async () => {
  const { child } = await startHolder()
  kill(child)
  await once(child, 'exit')
  expect(await readdir(entries)).toHaveLength(1)
  const began = performance.now()
  const lock = await lockFolder(folder, { onWait: sentence => expect.unreachable(sentence) })
  expect(performance.now() - began).toBeLessThan(10_000)
  expect(await readdir(entries)).toEqual([expect.stringContaining(`.${process.pid}.`)])
  await lock.release()
  expect(await readdir(parent)).toEqual([])
})

test('of many that find a folder left behind at once, one takes it', async () => {
  const { child } = await startHolder()
  kill(child)
  await once(child, 'exit')
  const outcomes = await Promise.all(Array.from({ length: 6 }, () => startHolder().then(({ outcome }) => outcome)))
  expect(outcomes.filter(outcome => outcome === 'locked')).toHaveLength(1)
  expect(outcomes.filter(outcome => outcome.startsWith('FolderLockedError'))).toHaveLength(5)
})

test('a folder with a longer path than sockets may have is locked as well', async () => {
  folder = join(parent, 'x'.repeat(200), 'database')
  const lock = await lockFolder(folder)
  await expect(lockFolder(folder)).rejects.toThrow('in use')
  await lock.release()
})

describe('between processes with pids of their own', () => {
  test.skipIf(noNamespaces())('the one within keeps out the one outside, and hands over when it is killed', async () => {
    const { child, outcome } = await startHolder('block', OWN_NAMESPACES)
    expect(outcome).toBe('locked')
    await expect(lockFolder(folder, { staleMs: 100 })).rejects.toThrow('in use by process 1 on')
    kill(child)
    await once(child, 'exit')
    await (await lockFolder(folder, { onWait: sentence => expect.unreachable(sentence) })).release()
  })

  test.skipIf(noNamespaces())('the one outside keeps out the one within, and hands over when it is killed', async () => {
    const outside = await startHolder()
    expect((await startHolder('', OWN_NAMESPACES)).outcome).toContain(`in use by process ${outside.child.pid}`)
    kill(outside.child)
    await once(outside.child, 'exit')
    expect((await startHolder('', OWN_NAMESPACES)).outcome).toBe('locked')
  })

  test.skipIf(noNamespaces())('of two containers with the same pid one takes the folder', async () => {
    const outcomes = await Promise.all([1, 2, 3].map(() => startHolder('', OWN_NAMESPACES).then(({ outcome }) => outcome)))
    expect(outcomes.filter(outcome => outcome === 'locked')).toHaveLength(1)
  })
})

describe('an entry from another machine', () => {
  beforeEach(async () => {
    await mkdir(entries)
    await writeFile(join(entries, ELSEWHERE), '')
  })

  test('holds the folder while it is touched', async () => {
    const touching = setInterval(() => void chmod(join(entries, ELSEWHERE), 0o600), 100)
    await expect(lockFolder(folder)).rejects.toThrow('in use by process 1 on another')
    clearInterval(touching)
  })

  test('is waited for, which is reported once, and removed when it stays silent', async () => {
    const said: string[] = []
    const began = performance.now()
    const lock = await lockFolder(folder, { staleMs: 1500, onWait: sentence => said.push(sentence) })
    expect(performance.now() - began).toBeGreaterThan(1000)
    expect(said).toEqual([expect.stringContaining('process 1 on another')])
    expect(await readdir(entries)).not.toContain(ELSEWHERE)
    await lock.release()
  })

  test('that has long been silent keeps nobody waiting', async () => {
    await sleep(600)
    await (await lockFolder(folder, { staleMs: 500, onWait: sentence => expect.unreachable(sentence) })).release()
  })
})

async function startHolder(mode = '', within: readonly string[] = []): Promise<{ child: ChildProcess; outcome: string }> {
  const [program, ...args] = [...within, process.execPath, '--import', 'tsx', HOLD_LOCK, folder, mode]
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  children.push(child)
  const [outcome] = (await once(createInterface(child.stdout!), 'line')) as [string]
  return { child, outcome }
}

/** Including all its children. */
function kill(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL')
  } catch {
    // It has already ended.
  }
}
