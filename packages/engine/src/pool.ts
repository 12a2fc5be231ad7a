import { dirname, resolve as resolvePath } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EngineParameters } from '@obscura/contract/parameters'
import { EngineChild } from './child-process.js'
import { choosePrecision } from './detect/precision.js'
import type { Engine, Output } from './engine.js'
import { EngineError } from './errors.js'
import { usableCpus } from './machine/index.js'
import { DEFAULT_LIMITS, type EngineOptions } from './options.js'
import type { ChildSettings } from './protocol.js'
import { ENGINE_FILES, findSandbox, type Sandbox } from './sandbox/sandbox.js'

const ENGINE_CHILD = new URL('../dist/child.js', import.meta.url)
const IDLE_MS = 5 * 60_000
/** The networks are small: more threads hardly speed up one image. */
const MAX_THREADS = 4

interface Job {
  image: Uint8Array
  parameters: EngineParameters
  signal?: AbortSignal
  resolve(output: Output): void
  reject(reason: unknown): void
}

/**
 * Creates the engine. Children are started on demand; the first image of each waits for the
 * networks to load.
 */
export function createEngine(options: EngineOptions): Engine {
  const cores = usableCpus()
  const children = options.children ?? cores
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const settings: ChildSettings = {
    // A child has another working directory.
    modelsFolder: options.modelsFolder && resolvePath(options.modelsFolder),
    profile: options.profile ?? 'standard',
    device: options.device ?? 'cpu',
    precision: choosePrecision(options.precision ?? 'auto', options.device ?? 'cpu'),
    threads: options.threads ?? Math.min(cores, MAX_THREADS),
    maximumPixels: limits.pixels,
    reversible: options.reversible ?? false,
    lossless: options.lossless ?? false,
    strict: options.strict ?? false,
    heads: options.heads ?? true,
    maskLayout: options.maskLayout,
  }
  const queue: Job[] = []
  const busy = new Set<EngineChild>()
  const idle: { child: EngineChild; retirement: NodeJS.Timeout }[] = []
  let closed = false

  const device = settings.device
  const module = fileURLToPath(options.childModule ?? ENGINE_CHILD)
  const readable = [...ENGINE_FILES, settings.modelsFolder, dirname(module)]
  const finding = findSandbox(options.sandbox ?? 'auto', device)
  // Reported for each image.
  finding.catch(() => {})
  let sandbox: Sandbox

  function start(): EngineChild {
    return new EngineChild(sandbox.command({ module, arguments: [JSON.stringify(settings)], readable, device }), limits)
  }

  /** The most recently used child, so that surplus ones time out; a new one when none is idle. */
  function take(): EngineChild {
    for (let last = idle.pop(); last; last = idle.pop()) {
      clearTimeout(last.retirement)
      if (last.child.alive) return last.child
    }
    return start()
  }

  /** Replaces a child by a new one after its memory has been freed. */
  async function renew(child: EngineChild): Promise<EngineChild> {
    await child.end()
    busy.delete(child)
    if (closed) throw closedError()
    const renewed = start()
    busy.add(renewed)
    return renewed
  }

  function rest(child: EngineChild): void {
    const retirement = setTimeout(() => {
      idle.splice(
        idle.findIndex(resting => resting.child === child),
        1,
      )
      child.end()
    }, options.idleTime ?? IDLE_MS).unref()
    idle.push({ child, retirement })
  }

  async function work({ image, parameters, signal, resolve, reject }: Job): Promise<void> {
    let child = take()
    busy.add(child)
    const request = { image, parameters, isOnlyJob: busy.size === 1 && queue.length === 0 }
    try {
      let output = await child.run(request, signal)
      if (output === 'spent') {
        child = await renew(child)
        signal?.throwIfAborted()
        output = await child.run(request, signal)
      }
      if (output === 'spent')
        throw new EngineError('INTERNAL_ERROR', 'The image could not be processed: a new engine process refused it.')
      resolve(output)
    } catch (error) {
      reject(error)
    } finally {
      busy.delete(child)
      if (child.alive && !closed) rest(child)
      startNext()
    }
  }

  function startNext(): void {
    while (busy.size < children && queue.length > 0) work(queue.shift()!)
  }

  return {
    async anonymize(image, parameters, { signal } = {}) {
      sandbox = await finding
      if (closed) throw closedError()
      signal?.throwIfAborted()
      const output = new Promise<Output>((resolve, reject) => {
        queue.push({ image, parameters, signal, resolve, reject })
      })
      const job = queue.at(-1)!
      const leaveQueue = () => {
        const place = queue.indexOf(job)
        if (place >= 0) queue.splice(place, 1)[0].reject(signal?.reason)
      }
      signal?.addEventListener('abort', leaveQueue)
      startNext()
      return output.finally(() => signal?.removeEventListener('abort', leaveQueue))
    },
    async close() {
      closed = true
      for (const job of queue.splice(0)) job.reject(closedError())
      for (const { retirement } of idle) clearTimeout(retirement)
      await Promise.all([...busy, ...idle.splice(0).map(({ child }) => child)].map(child => child.end()))
    },
  }
}

function closedError(): EngineError {
  return new EngineError('INTERNAL_ERROR', 'The engine is closed.')
}
