import type { EngineChild } from './child-process.js'
import type { Output } from './engine.js'
import { EngineError } from './errors.js'
import type { Work } from './protocol.js'

/** A queue of images and the children that work on them. */
export interface Lane {
  /** Queues while all children are busy. @throws as Engine.anonymize; the signal's reason */
  run(work: Work, signal?: AbortSignal): Promise<Output>
  /** Ends the children; images in progress are rejected. */
  close(): Promise<void>
}

interface Job {
  work: Work
  signal?: AbortSignal
  resolve(output: Output): void
  reject(reason: unknown): void
}

/**
 * Creates a lane of at most `children` processes, which `start` starts on demand and which are
 * ended when they have been idle for `idleTime` ms.
 */
export function createLane(children: number, idleTime: number, start: () => EngineChild): Lane {
  const queue: Job[] = []
  const busy = new Set<EngineChild>()
  const idle: { child: EngineChild; retirement: NodeJS.Timeout }[] = []
  let closed = false

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
    }, idleTime).unref()
    idle.push({ child, retirement })
  }

  async function perform({ work, signal, resolve, reject }: Job): Promise<void> {
    let child = take()
    busy.add(child)
    const request = { ...work, isOnlyJob: busy.size === 1 && queue.length === 0 }
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
    while (busy.size < children && queue.length > 0) perform(queue.shift()!)
  }

  return {
    async run(work, signal) {
      if (closed) throw closedError()
      signal?.throwIfAborted()
      const output = new Promise<Output>((resolve, reject) => {
        queue.push({ work, signal, resolve, reject })
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
