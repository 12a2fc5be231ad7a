import { execFileSync } from 'node:child_process'
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, platform, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { usableCpus } from './cpus.js'

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'processors-'))
})
afterEach(() => rm(root, { recursive: true }))

/** What a machine with 16 processors and these files allows. */
async function machine(files: Record<string, string>): Promise<number> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), `${content}\n`)
  }
  return usableCpus(root, 16)
}

const V2 = 'sys/fs/cgroup'
const V1 = 'sys/fs/cgroup/cpu'

test('without control groups, the value of the system is used', async () => {
  expect(await machine({})).toBe(16)
  expect(usableCpus(join(root, 'nowhere'), 3)).toBe(3)
})

test.each([
  ['max 100000', 16],
  ['400000 100000', 4],
  ['250000 100000', 2],
  ['50000 100000', 1],
  ['99000 50000', 1],
  ['3200000 100000', 16],
  ['0 0', 16],
  ['', 16],
  ['nonsense', 16],
])('a quota of the second generation, "%s", leaves %i of 16', async (quota, processors) => {
  expect(await machine({ 'proc/self/cgroup': '0::/', [`${V2}/cpu.max`]: quota })).toBe(processors)
})

test('the groups above have quotas too, of which the tightest counts', async () => {
  const files = {
    'proc/self/cgroup': '0::/kubepods.slice/pod1.slice/container',
    [`${V2}/kubepods.slice/pod1.slice/container/cpu.max`]: '800000 100000',
    [`${V2}/kubepods.slice/pod1.slice/cpu.max`]: '300000 100000',
    [`${V2}/kubepods.slice/cpu.max`]: 'max 100000',
  }
  expect(await machine(files)).toBe(3)
})

test.each([
  ['200000', 2],
  ['150000', 1],
  ['-1', 16],
])(
  'a quota of the first generation, %s, leaves %i of 16, also where only the own group is mounted',
  async (quota, processors) => {
    const files = {
      'proc/self/cgroup': '3:cpuset:/docker/1a\n4:cpu,cpuacct:/docker/1a\n5:memory:/docker/1a',
      [`${V1}/cpu.cfs_quota_us`]: quota,
      [`${V1}/cpu.cfs_period_us`]: '100000',
    }
    expect(await machine(files)).toBe(processors)
  },
)

const group = '/sys/fs/cgroup/cpu/obscura-test'

/**
 * A group of the first generation with half a processor. @returns false where this user may not
 * make one
 */
function makeGroup(): boolean {
  try {
    mkdirSync(group)
    writeFileSync(`${group}/cpu.cfs_quota_us`, '50000')
    return true
  } catch {
    return false
  }
}

const hasGroup = platform() === 'linux' && makeGroup()
test.skipIf(!hasGroup)('a process in a real group with half a CPU may keep one core busy', () => {
  try {
    const module = JSON.stringify(new URL('../../dist/machine/index.js', import.meta.url).href)
    const script = `import(${module}).then(machine => console.log(machine.usableCpus(), machine.usableCpus('/nowhere')))`
    const shell = 'echo $$ > "$1/cgroup.procs" && exec "$2" -e "$3"'
    const printed = execFileSync('sh', ['-c', shell, 'sh', group, process.execPath, script], { encoding: 'utf8' })
    expect(printed).toBe(`1 ${availableParallelism()}\n`)
  } finally {
    rmdirSync(group)
  }
})
