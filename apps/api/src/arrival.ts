/** Bodies as they arrive: for as long as they do, and no faster than they are used. */
import type { IncomingMessage } from 'node:http'

/** How slowly a body may arrive; only time in which we wait for the client counts. */
export interface Pace {
  /** Longest silence in ms. */
  idleMs: number
  /** Least number of bytes a second on average over `windowMs`; 0: none. */
  minBytesPerSecond: number
  windowMs: number
  /** Longest time for the whole body in ms. */
  totalMs?: number
}

/** The client sends nothing, or too slowly. */
export class StalledError extends Error {
  override readonly name = 'StalledError'
}

/**
 * The chunks of a request's body. The request survives whatever ends the reading, because once it is destroyed there is no way left to answer it.
 * @throws StalledError, the reason of `ended` when that is aborted, or what broke the connection
 */
export async function* arriving(raw: IncomingMessage, pace: Pace, ended?: AbortSignal): AsyncGenerator<Buffer> {
  const chunks = raw.iterator({ destroyOnReturn: false })
  const end = Date.now() + (pace.totalMs ?? Number.POSITIVE_INFINITY)
  let waited = 0
  let bytes = 0
  for (;;) {
    const begin = Date.now()
    const { done, value } = await soon(chunks.next(), Math.min(pace.idleMs, Math.max(0, end - begin)), ended)
    if (done) return
    waited += Date.now() - begin
    bytes += value.length
    if (waited >= pace.windowMs) {
      if (bytes * 1000 < pace.minBytesPerSecond * waited) throw new StalledError('The body is arriving too slowly.')
      waited = 0
      bytes = 0
    }
    yield value
  }
}

function soon<T>(next: Promise<T>, ms: number, ended: AbortSignal | undefined): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const end = () => settle(reject, ended!.reason)
    const timer = setTimeout(() => settle(reject, new StalledError('The body stopped arriving.')), ms)
    function settle<Value>(how: (value: Value) => void, value: Value): void {
      clearTimeout(timer)
      ended?.removeEventListener('abort', end)
      how(value)
    }
    ended?.addEventListener('abort', end, { once: true })
    next.then(
      value => settle(resolve, value),
      error => settle(reject, error),
    )
    if (ended?.aborted) end()
  })
}

/** Whether a part of the request's body is still to come. */
export function isArriving({ headers, complete, readableEnded, destroyed }: IncomingMessage): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0
  // Who waits for "100 Continue" sends nothing more.
  return hasBody && !complete && !readableEnded && !destroyed && headers.expect === undefined
}
