import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, appendFile, cp, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { noNamespaces, OWN_NAMESPACES } from '@obscura/test-servers/namespaces'
import { until } from '@obscura/test-servers/server-folder'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { printed } from './command.js'

const repository = fileURLToPath(new URL('..', import.meta.url))

/**
 * Three steps that note in trace.txt when they begin and end; the second takes as long as slow.txt
 * says, in ms.
 */
const STEPS = `
const script = (name, ms) => [process.execPath, '-e', \`
  const fs = require('fs')
  const slow = Number(fs.readFileSync('slow.txt', 'utf8'))
  fs.appendFileSync('trace.txt', 'begin \${name}\\\\n')
  if (fs.readFileSync('\${name}.txt', 'utf8').includes('bad')) { console.error('npm error code ENOTFOUND'); process.exit(7) }
  if (fs.readFileSync('\${name}.txt', 'utf8').includes('full')) console.error('npm warn tar TAR_ENTRY_ERROR ENOSPC: no space left on device, write')
  setTimeout(() => { fs.writeFileSync('\${name}.out', ''); fs.appendFileSync('trace.txt', 'end \${name}\\\\n') }, \${ms} * slow)
\`]
module.exports = ['one', 'two', 'three'].map((name, i) => ({
  name, title: 'Step ' + name, seconds: 1, command: script(name, i === 1 ? 1 : 0), cwd: '.', inputs: [name + '.txt'], only: /./, outputs: [name + '.out'],
}))
`

let root: string

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'obscura-launcher-'))
  await cp(path.join(repository, 'obscura'), path.join(root, 'obscura'))
  await cp(path.join(repository, 'launcher'), path.join(root, 'launcher'), { recursive: true })
  await writeFile(path.join(root, 'launcher/steps.cjs'), STEPS)
  await mkdir(path.join(root, 'apps/cli/dist'), { recursive: true })
  await writeFile(path.join(root, 'apps/cli/dist/main.js'), 'console.log(process.argv.slice(2).join(" ")); process.exitCode = 3')
  for (const name of ['one', 'two', 'three']) await writeFile(path.join(root, `${name}.txt`), 'good')
  await writeFile(path.join(root, 'slow.txt'), '0')
})

afterEach(() => rm(root, { recursive: true, force: true }))

function launch(...args: string[]): ChildProcess {
  return launchWithin([], ...args)
}

function launchWithin(within: readonly string[], ...args: string[]): ChildProcess {
  const [program, ...rest] = [...within, process.execPath, ...args, path.join(root, 'obscura'), 'say', 'hello']
  return spawn(program, rest, { cwd: tmpdir() })
}

function launchTo(command: string): ChildProcess {
  return spawn(process.execPath, [path.join(root, 'obscura'), command], { cwd: tmpdir() })
}

async function ended(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', chunk => {
    stdout += chunk
  })
  child.stderr?.on('data', chunk => {
    stderr += chunk
  })
  const [code] = await once(child, 'close')
  return { code, stdout, stderr }
}

const trace = async () => (await readFile(path.join(root, 'trace.txt'), 'utf8').catch(() => '')).trim().split('\n')

async function traced(line: string): Promise<void> {
  while (!(await trace()).includes(line)) await sleep(20)
}

const ALL = ['begin one', 'end one', 'begin two', 'end two', 'begin three', 'end three']

test('prepares on first use, then runs the command with its arguments and exit code; the second time it only runs the command', async () => {
  const first = await ended(launch())
  expect(first).toMatchObject({ code: 3, stdout: 'say hello\n' })
  expect(first.stderr).toContain('[2/3] Step two')
  const second = await ended(launch())
  expect(second).toEqual({ code: 3, stdout: 'say hello\n', stderr: '' })
  expect(await trace()).toEqual(ALL)
})

test('repeats exactly the steps whose inputs changed or whose outputs are gone', async () => {
  await ended(launch())
  await utimes(path.join(root, 'one.txt'), 1, 1)
  await appendFile(path.join(root, 'two.txt'), ' and new')
  await rm(path.join(root, 'three.out'))
  await ended(launch())
  expect(await trace()).toEqual([...ALL, 'begin two', 'end two', 'begin three', 'end three'])
})

test('killed in the middle, the next launch ends what was left running and goes on with the same step', async () => {
  await writeFile(path.join(root, 'slow.txt'), '3000')
  const killed = launch()
  await traced('begin two')
  killed.kill('SIGKILL')
  await once(killed, 'close')
  await writeFile(path.join(root, 'slow.txt'), '0')
  expect((await ended(launch())).code).toBe(3)
  await sleep(3200)
  expect(await trace()).toEqual(['begin one', 'end one', 'begin two', 'begin two', 'end two', 'begin three', 'end three'])
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends the step and the launcher, and leaves no lock', async (signal, code) => {
  await writeFile(path.join(root, 'slow.txt'), '60000')
  const child = launch()
  const end = ended(child)
  await traced('begin two')
  child.kill(signal)
  expect(await end).toMatchObject({ code, stdout: '' })
  await expect(access(path.join(root, '.prepared/lock'))).rejects.toThrow()
})

describe('npm start', () => {
  // Says which signal stops it, and takes a while for it, as the service does.
  const SERVICE = `
    const stop = signal => { console.log('stopping', signal); setTimeout(() => { console.log('stopped'); process.exit() }, 300) }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop)
    console.log('running', process.pid)
    setInterval(() => {}, 1000)
  `

  beforeEach(async () => {
    await cp(path.join(repository, 'package.json'), path.join(root, 'package.json'))
    await writeFile(path.join(root, 'apps/cli/dist/main.js'), SERVICE)
    await ended(launchTo('prepare'))
  })

  test.each([
    ['SIGINT', 'SIGINT'],
    ['SIGTERM', 'SIGTERM'],
    ['SIGHUP', 'SIGHUP'],
    ['SIGKILL', 'SIGHUP'],
  ] as const)('ends the service in order when its npm gets %s', async (signal, seen) => {
    const npm = spawn('npm', ['start'], { cwd: root, detached: true })
    const [, pid] = await printed(npm, 'stdout', /running (\d+)/)
    const stopped = printed(npm, 'stdout', new RegExp(`stopping ${seen}\\nstopped`))
    npm.kill(signal)
    await stopped
    await until(async () => !isAlive(Number(pid)), 5)
  })
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('two launches at once take turns: every step runs once, both commands run', async () => {
  await writeFile(path.join(root, 'slow.txt'), '500')
  const [a, b] = await Promise.all([ended(launch()), ended(launch())])
  expect([a.code, b.code]).toEqual([3, 3])
  expect(await trace()).toEqual(ALL)
})

test.skipIf(noNamespaces())('so do two launches whose process ids are counted apart', async () => {
  await writeFile(path.join(root, 'slow.txt'), '1500')
  const outside = ended(launch())
  await traced('begin two')
  const within = ended(launchWithin(OWN_NAMESPACES))
  expect([(await outside).code, (await within).code]).toEqual([3, 3])
  expect(await trace()).toEqual(ALL)
})

test('a failing step stops with its reason and advice; once the cause is gone the rest is done', async () => {
  await writeFile(path.join(root, 'two.txt'), 'bad')
  const failed = await ended(launch())
  expect(failed).toMatchObject({ code: 1, stdout: '' })
  expect(failed.stderr).toContain('The npm registry cannot be reached.')
  await writeFile(path.join(root, 'two.txt'), 'good')
  expect((await ended(launch())).code).toBe(3)
  expect(await trace()).toEqual(['begin one', 'end one', 'begin two', 'begin two', 'end two', 'begin three', 'end three'])
})

test('a full disk is a failure, even where npm exits with 0', async () => {
  await writeFile(path.join(root, 'two.txt'), 'full')
  const failed = await ended(launch())
  expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('The disk is full.') })
  expect(await trace()).toEqual(['begin one', 'end one', 'begin two', 'end two'])
})

test('a closed reader of the progress output does not stop the work', async () => {
  await writeFile(path.join(root, 'slow.txt'), '500')
  const child = launch()
  child.stderr?.destroy()
  expect(await ended(child)).toMatchObject({ code: 3, stdout: 'say hello\n' })
  expect(await trace()).toEqual(ALL)
})

test('an old Node.js gets a sentence', async () => {
  await writeFile(path.join(root, 'old.cjs'), "Object.defineProperty(process.versions, 'node', { value: '18.19.0' })")
  const { code, stderr } = await ended(launch('--require', path.join(root, 'old.cjs')))
  expect(code).toBe(1)
  expect(stderr).toContain('needs Node.js 20 or newer')
  expect(await trace()).toEqual([''])
})
