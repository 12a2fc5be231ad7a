import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { platform, tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freeMemory, usableMemory } from './memory.js'

const MB = 1024 * 1024
let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'memory-'))
})
afterEach(() => rm(root, { recursive: true }))

/** The files of a machine with 8000 MB free, as far as they matter. */
async function machine(files: Record<string, string | number>): Promise<number | undefined> {
  const all = { 'proc/meminfo': `MemTotal: 16384000 kB\nMemAvailable:    8192000 kB\n`, ...files }
  for (const [name, content] of Object.entries(all)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), `${content}\n`)
  }
  const free = freeMemory(root)
  return free && free / MB
}

const V2 = 'sys/fs/cgroup'
const V1 = 'sys/fs/cgroup/memory'

test('without control groups, the value of the kernel is used', async () => {
  expect(await machine({})).toBe(8000)
})

test('a container of the second generation has its own limit; idle file cache counts as free', async () => {
  const files = {
    'proc/self/cgroup': '0::/',
    [`${V2}/memory.max`]: 1000 * MB,
    [`${V2}/memory.current`]: 900 * MB,
    [`${V2}/memory.stat`]: `anon 5\ninactive_anon 7\ninactive_file ${300 * MB}\nactive_file 9`,
  }
  expect(await machine(files)).toBe(400)
})

test('the groups above have limits too, of which the tightest counts', async () => {
  const files = {
    'proc/self/cgroup': '0::/system.slice/obscura.service',
    [`${V2}/system.slice/obscura.service/memory.max`]: 'max',
    [`${V2}/system.slice/obscura.service/memory.current`]: 10 * MB,
    [`${V2}/system.slice/memory.max`]: 500 * MB,
    [`${V2}/system.slice/memory.current`]: 200 * MB,
  }
  expect(await machine(files)).toBe(300)
})

test('groups of the first generation have limits too, also where only the own group is mounted', async () => {
  const files = {
    'proc/self/cgroup': '3:cpuset:/docker/1a\n4:cpu,memory:/docker/1a',
    [`${V1}/memory.limit_in_bytes`]: 600 * MB,
    [`${V1}/memory.usage_in_bytes`]: 500 * MB,
    [`${V1}/memory.stat`]: `inactive_file 1\ntotal_inactive_file ${50 * MB}`,
  }
  expect(await machine(files)).toBe(150)
})

test('no limit of the first generation is a very large number', async () => {
  const files = {
    'proc/self/cgroup': '4:memory:/',
    [`${V1}/memory.limit_in_bytes`]: '9223372036854771712',
    [`${V1}/memory.usage_in_bytes`]: 500 * MB,
  }
  expect(await machine(files)).toBe(8000)
})

test('usage above the limit counts as nothing free', async () => {
  const files = { 'proc/self/cgroup': '0::/', [`${V2}/memory.max`]: 100, [`${V2}/memory.current`]: 200 }
  expect(await machine(files)).toBe(0)
})

test('on other systems the value is unknown', () => {
  expect(freeMemory(join(root, 'nowhere'))).toBeUndefined()
})

test('for a container its memory limit counts, for a machine all of its memory', async () => {
  const total = 16_000 * MB
  expect(usableMemory(join(root, 'nowhere'), total)).toBe(total)
  await machine({ 'proc/self/cgroup': '0::/', [`${V2}/memory.max`]: 'max' })
  expect(usableMemory(root, total)).toBe(total)
  await machine({ [`${V2}/memory.max`]: 512 * MB })
  expect(usableMemory(root, total)).toBe(512 * MB)
  await machine({ 'proc/self/cgroup': '4:memory:/docker/1a', [`${V1}/memory.limit_in_bytes`]: 300 * MB })
  expect(usableMemory(root, total)).toBe(300 * MB)
  await machine({ [`${V1}/memory.limit_in_bytes`]: '9223372036854771712' })
  expect(usableMemory(root, total)).toBe(total)
})

test.skipIf(platform() !== 'linux')('the value of this machine is less than its total memory', () => {
  const free = freeMemory()!
  expect(free).toBeGreaterThan(0)
  expect(free).toBeLessThan(totalmem())
})
