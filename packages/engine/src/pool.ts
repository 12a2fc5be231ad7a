import { EngineChild } from './child-process.js'
import type { Engine, Output } from './engine.js'
import { EngineError } from './errors.js'
import { usableProcessors } from './machine/index.js'
import { DEFAULT_LIMITS, type EngineOptions } from './options.js'
import type { Parameters } from './parameters.js'
import { probe } from './probe/probe.js'

const ENGINE_CHILD = new URL('../dist/child.js', import.meta.url)
const IDLE_TIME = 5 * 60_000
/** Pixels of the largest image that two threads search: with the networks of both, a larger one would need more than 1 GiB. */
const MOST_FOR_TWO = 40e6
/** The networks are small: more threads hardly make one image faster. */
const MOST_THREADS = 4

interface Job {
  image: Uint8Array
  parameters: Parameters
  signal?: AbortSignal
  resolve(output: Output): void
  reject(reason: unknown): void
}

/** Makes the engine. Children are started when there is work for them; the first image of each waits for the networks to load. */
export function createEngine(options: EngineOptions): Engine {
  const cores = usableProcessors()
  const children = options.children ?? cores
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const settings = {
    modelsFolder: options.modelsFolder,
    profile: options.profile ?? ('standard' as const),
    device: options.device ?? ('cpu' as const),
    threads: options.threads ?? Math.min(cores, MOST_THREADS),
    maximumPixels: limits.pixels,
    reversible: options.reversible ?? false,
    lossless: options.lossless ?? false,
    strict: options.strict ?? false,
    maskLayout: options.maskLayout,
  }
  const queue: Job[] = []
  const busy = new Set<EngineChild>()
  const idle: { child: EngineChild; retirement: NodeJS.Timeout }[] = []
  let closed = false

  /** The child that worked last, so that surplus ones grow old and retire; a new one when none is left. */
  function take(isLarge: boolean): EngineChild {
    for (let last = idle.pop(); last; last = idle.pop()) {
      clearTimeout(last.retirement)
      if (!last.child.alive) continue
      if (!isLarge || !last.child.searchedByTwo) return last.child
      // What its second thread needed stays with the process: a large image on top of it would be too much.
      last.child.end()
    }
    return new EngineChild(options.childModule ?? ENGINE_CHILD, settings, limits)
  }

  function rest(child: EngineChild): void {
    const retirement = setTimeout(() => {
      idle.splice(
        idle.findIndex(resting => resting.child === child),
        1,
      )
      child.end()
    }, options.idleTime ?? IDLE_TIME).unref()
    idle.push({ child, retirement })
  }

  async function work({ image, parameters, signal, resolve, reject }: Job): Promise<void> {
    const isLarge = pixelsOf(image) > MOST_FOR_TWO
    const child = take(isLarge)
    busy.add(child)
    try {
      // No other image needs the cores.
      const isLone = busy.size === 1 && queue.length === 0
      const twoThreads = isLone && !isLarge && settings.threads > 1 && settings.device === 'cpu'
      resolve(await child.run({ image, parameters, twoThreads }, signal))
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

/** 0 for a file that is no image: its child will say so. */
function pixelsOf(image: Uint8Array): number {
  try {
    const { width, height } = probe(image, { maximumPixels: Number.POSITIVE_INFINITY, format: 'whole' })
    return width * height
  } catch {
    return 0
  }
}

function closedError(): EngineError {
  return new EngineError('INTERNAL_ERROR', 'The engine is closed.')
}
