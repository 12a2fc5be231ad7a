import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { getPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import type { Engine, EngineOptions } from './index.js'
import { createEngine, DEFAULT_PARAMETERS } from './index.js'
import { tinyJpeg } from './test/tiny-jpeg.js'

const CHILD = new URL('./test/child-on-command.mjs', import.meta.url)

const engines: Engine[] = []
afterEach(() => Promise.all(engines.splice(0).map(engine => engine.close())))

/**
 * An engine whose children obey commands, and a function that sends them. Without a sandbox, which
 * would change process IDs.
 */
function startEngine(options: Partial<EngineOptions> = {}) {
  const engine = createEngine({ modelsFolder: '', childModule: CHILD, children: 2, sandbox: 'off', ...options })
  engines.push(engine)
  /** Resolves to the id of the process that did it. */
  const order = (command: string, signal?: AbortSignal) =>
    engine.anonymize(Buffer.from(command), DEFAULT_PARAMETERS, { signal }).then(({ width }) => width)
  return { engine, order }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const KNOWN = { regions: [], isSound: false }

const internal = (message: string) => ({ name: 'EngineError', code: 'INTERNAL_ERROR', message: expect.stringContaining(message) })

describe('work', () => {
  it('one after the other goes to one child, at once to as many as there may be', async () => {
    const { order } = startEngine()
    expect(await order('work')).toBe(await order('work'))
    const pids = await Promise.all(Array.from({ length: 6 }, () => order('slow')))
    expect(new Set(pids).size).toBe(2)
    expect(pids).not.toContain(process.pid)
  })

  it('that only renders has a child of its own and waits for no detection', async () => {
    const { engine, order } = startEngine({ children: 1 })
    const waiting = new AbortController()
    const stuck = [order('stay', waiting.signal), order('work', waiting.signal)]
    const rendered = await engine.render(Buffer.from('work'), KNOWN, DEFAULT_PARAMETERS)
    const again = await engine.render(Buffer.from('work'), KNOWN, DEFAULT_PARAMETERS)
    expect(again.width).toBe(rendered.width)
    waiting.abort()
    for (const end of await Promise.allSettled(stuck)) expect(end.status).toBe('rejected')
  })

  it.runIf(process.platform === 'linux')('in the background leaves the cores to what is rendered', async () => {
    const { engine, order } = startEngine({ background: true })
    const rendered = await engine.render(Buffer.from('work'), KNOWN, DEFAULT_PARAMETERS)
    expect(getPriority(await order('work'))).toBe(getPriority() + 5)
    expect(getPriority(rendered.width)).toBe(getPriority())
    expect(getPriority(await startEngine().order('work'))).toBe(getPriority())
  })

  it('a child that speaks without being asked gets no other image', async () => {
    const { order } = startEngine({ children: 1 })
    const pid = await order('reply twice')
    await expect.poll(() => runs(pid)).toBe(false)
    expect(await order('work')).not.toBe(pid)
  })

  it("a child's error is its image's, and the child goes on", async () => {
    const { order } = startEngine()
    const pid = await order('work')
    await expect(order('fail')).rejects.toMatchObject({ name: 'EngineError', code: 'IMAGE_DEFECT', message: /liking/ })
    expect(await order('work')).toBe(pid)
  })

  it('that a child declines for what it holds goes to a new one', async () => {
    const { order } = startEngine({ children: 1 })
    const pid = await order('work')
    const other = await order('decline once')
    expect(other).not.toBe(pid)
    expect(runs(pid)).toBe(false)
    await expect(order('decline')).rejects.toMatchObject(internal('refused it'))
    expect(await order('work')).toBeTypeOf('number')
  })

  it('a child is told whether its image is the only one', async () => {
    const { order } = startEngine({ children: 1 })
    expect(await order('alone?')).toBe(1)
    const both = [order('slow'), order('alone?'), order('slow')]
    expect((await Promise.all(both))[1]).toBe(2)
  })

  it('a child without work retires', async () => {
    const { order } = startEngine({ idleTime: 50 })
    const pid = await order('work')
    await expect.poll(() => runs(pid)).toBe(false)
    expect(await order('work')).not.toBe(pid)
  })
})

describe('a child that fails takes only its image with it', () => {
  it.each([
    ['crash', 'SIGSEGV'],
    ['leave', 'exit code 3'],
  ])('%s', async (command, reason) => {
    const { order } = startEngine()
    const others = [order('slow'), order('slow'), order('slow')]
    await expect(order(command)).rejects.toMatchObject(internal(reason))
    await expect(Promise.all(others)).resolves.toHaveLength(3)
    await expect(order('work')).resolves.toBeTypeOf('number')
  })

  it('hangs: it is killed after the time limit', async () => {
    const { order } = startEngine({ children: 1, limits: { time: 3000 } })
    const pid = await order('work')
    await expect(order('hang')).rejects.toMatchObject({ ...internal('longer than 3 s'), limit: 'time' })
    await expect.poll(() => runs(pid)).toBe(false)
    expect(await order('work')).not.toBe(pid)
  })

  it.runIf(process.platform === 'linux')('eating memory: killed at the memory limit', async () => {
    const { order } = startEngine({ limits: { memory: 400e6 } })
    await expect(order('eat')).rejects.toMatchObject({ ...internal('400 MB'), limit: 'memory' })
    await expect(order('work')).resolves.toBeTypeOf('number')
  })

  it.each([
    ['crash', 'crash'],
    ['lie', 'crash'],
    ['talk nonsense', 'crash'],
    ['announce terabytes', 'crash'],
    ['say too much', 'crash'],
    ['hang', 'overrun'],
    ['fail', undefined],
  ])('%s: the error says whether the image ended its process', async (command, childEnd) => {
    const { order } = startEngine({ limits: { time: 2000 } })
    await expect(order(command)).rejects.toMatchObject({ childEnd })
  })

  it('a child that died while it had no work is replaced unnoticed', async () => {
    const { order } = startEngine()
    const pid = await order('work')
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => runs(pid)).toBe(false)
    await expect(order('work')).resolves.not.toBe(pid)
  })

  it('a program that does not exist fails each image', async () => {
    const { order } = startEngine({ childModule: new URL('./test/no-such-child.mjs', import.meta.url) })
    await expect(order('work')).rejects.toMatchObject(internal('exit code 1'))
    await expect(order('work')).rejects.toMatchObject(internal('exit code 1'))
  })
})

describe('abort and close', () => {
  it('abort an image while it waits and while it is processed', async () => {
    const { order } = startEngine({ children: 1 })
    const pid = await order('work')
    const working = new AbortController()
    const waiting = new AbortController()
    const first = order('stay', working.signal)
    const second = order('work', waiting.signal)
    const third = order('work')
    waiting.abort(new Error('no longer wanted'))
    await expect(second).rejects.toThrow('no longer wanted')
    working.abort()
    await expect(first).rejects.toMatchObject({ name: 'AbortError' })
    expect(await third).not.toBe(pid)
    await expect(order('work', AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('end the children and reject images in progress', async () => {
    const { engine, order } = startEngine({ children: 1 })
    const pid = await order('work')
    const results = Promise.allSettled([order('stay'), order('work')])
    await engine.close()
    expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(runs(pid)).toBe(false)
    await expect(order('work')).rejects.toMatchObject(internal('closed'))
  })
})

describe('a parent', () => {
  /**
   * A process of its own that starts an engine child, prints the child's id and then does what the
   * given code says.
   */
  function startParent(then: string): ChildProcess {
    const program = `
      import { createEngine, DEFAULT_PARAMETERS } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)}
      const engine = createEngine({ modelsFolder: '', childModule: new URL(${JSON.stringify(CHILD.href)}), children: 1, sandbox: 'off' })
      const { width } = await engine.anonymize(Buffer.from('work'), DEFAULT_PARAMETERS)
      console.log(width)
      ${then}`
    return spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  }

  it('that is killed takes its children with it', async () => {
    const parent = startParent('setInterval(() => {}, 1000)')
    const [line] = await once(parent.stdout!, 'data')
    const pid = Number(line)
    expect(runs(pid)).toBe(true)
    parent.kill('SIGKILL')
    await expect.poll(() => runs(pid)).toBe(false)
  })

  it('can exit while children are idle', async () => {
    const parent = startParent('')
    const [code] = await once(parent, 'exit')
    expect(code).toBe(0)
  })
})

it("without models the engine's own child says what is missing", async () => {
  const modelsFolder = fileURLToPath(new URL('./no-such-folder', import.meta.url))
  const { engine } = startEngine({ modelsFolder, childModule: undefined })
  await expect(engine.anonymize(tinyJpeg(), DEFAULT_PARAMETERS)).rejects.toMatchObject({
    ...internal('no-such-folder'),
    childEnd: 'unfit',
  })
})
