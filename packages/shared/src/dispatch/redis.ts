/** Connections to Redis that reconnect automatically and limit their log lines. */
import { Redis, type RedisOptions } from 'ioredis'
import { certificateAdvice } from '../certificates.js'
import type { Logger } from '../log.js'

const LOG_INTERVAL_MS = 60_000

/**
 * A listener that logs each message once a minute: during an outage the same error occurs many
 * times a second.
 */
export function logAtIntervals(log: Logger): (error: Error) => void {
  const logged = new Map<string, number>()
  return error => {
    const now = Date.now()
    if (now - (logged.get(error.message) ?? 0) < LOG_INTERVAL_MS) return
    if (logged.size > 100) logged.clear()
    logged.set(error.message, now)
    log.warn(
      { reason: error.message, advice: certificateAdvice(error) },
      'Redis is unavailable; workers poll for tasks until it is back.',
    )
  }
}

/**
 * Listens for errors. ioredis itself handles only the first error of a connection; over TLS a
 * second one may follow, the server's alert after a refused certificate, which would end the
 * process.
 */
function onErrors(redis: Redis, listener: (error: Error) => void): void {
  redis.on('error', error => {
    redis.stream?.on('error', () => {})
    listener(error)
  })
}

/** Connects to the Redis at `url`, and reconnects while it is unavailable and `isWanted`. */
export function connectRedis(
  url: string,
  onError: (error: Error) => void,
  options: RedisOptions,
  isWanted: () => boolean = () => true,
): Redis {
  const retryStrategy = (tries: number) => (isWanted() ? Math.min(tries * 100, 2000) : null)
  const redis = new Redis(url, { retryStrategy, connectTimeout: 5000, ...options })
  onErrors(redis, onError)
  return redis
}

/** Checks that the Redis at `url` accepts us and responds. @throws when it does not, with advice */
export async function checkRedis(url: string): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 3000, commandTimeout: 3000 })
  // The cause of a failed connection is an event; the rejected command only reports that it is
  // closed.
  const reasons: Error[] = []
  onErrors(redis, error => reasons.push(error))
  try {
    await redis.connect()
    await redis.ping()
  } catch (error) {
    const reason = reasons[0] ?? error
    const advice = certificateAdvice(reason) ?? 'Check REDIS_URL and whether the server is running.'
    throw new Error(`Redis cannot be used: ${reason.message}. ${advice}`, { cause: error })
  } finally {
    redis.disconnect()
  }
}
