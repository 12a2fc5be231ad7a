import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockFolder } from './folder-lock.js'
import { openPGlite } from './pglite.js'

const HOLD_LOCK = fileURLToPath(new URL('test/hold-lock.ts', import.meta.url))

let parent: string
let folder: string
let file: string
const children: ChildProcess[] = []

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'lock-'))
  folder = join(parent, 'database')
  file = `${folder}.lock`
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(parent, { recursive: true })
})

test('a folder in use is refused, naming the process that uses it', async () => {
  const { child, answer } = await startHolder()
  expect(answer).toBe('locked')
  await expect(openPGlite(folder)).rejects.toThrow(`in use by process ${child.pid}`)
})

test('the lock of a killed process is taken over', async () => {
  const { child } = await startHolder()
  child.kill('SIGKILL')
  await once(child, 'exit')
  const lock = await lockFolder(folder)
  expect(JSON.parse(await readFile(file, 'utf8')).pid).toBe(process.pid)
  await lock.release()
  await expect(access(file)).rejects.toThrow('ENOENT')
})

test('of many that find a dead lock at once, one takes it', async () => {
  await writeFile(file, JSON.stringify({ pid: 2 ** 30, started: '1', host: hostname() }))
  const answers = await Promise.all(Array.from({ length: 5 }, () => startHolder().then(({ answer }) => answer)))
  expect(answers.filter(answer => answer === 'locked')).toHaveLength(1)
  expect(answers.filter(answer => answer.startsWith('FolderLockedError'))).toHaveLength(4)
})

test('a later process with the same pid does not count as the holder', async () => {
  await writeFile(file, JSON.stringify({ pid: process.ppid, started: '1', host: hostname() }))
  await (await lockFolder(folder)).release()
})

test('a lock from another machine holds as long as somebody touches it', async () => {
  await writeFile(file, JSON.stringify({ pid: 1, started: '1', host: 'another' }))
  await expect(lockFolder(folder)).rejects.toThrow('on another')
  const old = new Date(Date.now() - 31_000)
  await utimes(file, old, old)
  await (await lockFolder(folder)).release()
})

test('a lock file that was never finished is taken over', async () => {
  await writeFile(file, '')
  await (await lockFolder(folder)).release()
})

async function startHolder(): Promise<{ child: ChildProcess; answer: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', HOLD_LOCK, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const [answer] = (await once(createInterface(child.stdout!), 'line')) as [string]
  return { child, answer }
}
