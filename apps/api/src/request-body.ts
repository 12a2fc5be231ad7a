/** Reads request bodies with limits on silence, speed and duration, and with back-pressure. */
import type { IncomingMessage } from 'node:http'

/** Limits for the arrival of a body; only time spent waiting for the client counts. */
export interface ReadLimits {
  /** Maximum silence in ms. */
  idleMs: number
  /** Minimum bytes per second, averaged over `windowMs`; 0: no limit. */
  minBytesPerSecond: number
  windowMs: number
  /** Maximum duration of the whole body in ms. */
  totalMs?: number
}

/** The client stopped sending, or sends too slowly. */
export class StalledError extends Error {
  override readonly name = 'StalledError'
}

/**
 * The chunks of a request's body. The request is not destroyed when reading ends early: it still
 * has to be answered.
 * @throws StalledError, the reason of `ended` when it is aborted, or the connection's error
 */
export async function* readChunks(raw: IncomingMessage, limits: ReadLimits, ended?: AbortSignal): AsyncGenerator<Buffer> {
  const chunks = raw.iterator({ destroyOnReturn: false })
  const end = Date.now() + (limits.totalMs ?? Number.POSITIVE_INFINITY)
  let waited = 0
  let bytes = 0
  for (;;) {
    const begin = Date.now()
    const { done, value } = await withTimeout(chunks.next(), Math.min(limits.idleMs, Math.max(0, end - begin)), ended)
    if (done) return
    waited += Date.now() - begin
    bytes += value.length
    if (waited >= limits.windowMs) {
      if (bytes * 1000 < limits.minBytesPerSecond * waited) throw new StalledError('The body is arriving too slowly.')
      waited = 0
      bytes = 0
    }
    yield value
  }
}

function withTimeout<T>(next: Promise<T>, ms: number, ended: AbortSignal | undefined): Promise<T> {
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

/** Whether part of the request body has not arrived yet. */
export function isBodyIncomplete({ headers, complete, readableEnded, destroyed }: IncomingMessage): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0
  // A client that waits for "100 Continue" sends nothing more.
  return hasBody && !complete && !readableEnded && !destroyed && headers.expect === undefined
}
