import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type ReadLimits, readChunks, StalledError } from './request-body.js'

const PACE: ReadLimits = { idleMs: 2000, minBytesPerSecond: 1000, windowMs: 400 }

/**
 * Reads a body of which `bytes` arrive every `everyMs`, `times` times; the reader takes `slowness`
 * ms per chunk.
 */
async function read(pace: Partial<ReadLimits>, bytes: number, everyMs: number, times: number, slowness = 0): Promise<number> {
  const body = new PassThrough()
  let sent = 0
  const timer = setInterval(() => {
    body.write(Buffer.alloc(bytes))
    if (++sent === times) {
      clearInterval(timer)
      body.end()
    }
  }, everyMs)
  try {
    let size = 0
    for await (const chunk of readChunks(body as unknown as IncomingMessage, { ...PACE, ...pace })) {
      size += chunk.length
      await sleep(slowness)
    }
    return size
  } finally {
    clearInterval(timer)
  }
}

test('a body at the required pace is read', async () => {
  expect(await read({}, 1000, 50, 20)).toBe(20_000)
})

test('a body that arrives too slowly is aborted', async () => {
  await expect(read({}, 1, 50, 1000)).rejects.toThrow(StalledError)
})

test('a body that stops arriving is aborted', async () => {
  await expect(read({ idleMs: 100 }, 1000, 2000, 2)).rejects.toThrow('The body stopped arriving.')
})

test('a body that takes longer than allowed is aborted', async () => {
  await expect(read({ totalMs: 300 }, 1000, 50, 1000)).rejects.toThrow(StalledError)
})

test('time in which the reader is busy does not count against the client', async () => {
  expect(await read({ idleMs: 200 }, 1000, 5, 3, 400)).toBe(3000)
})

test('reading ends immediately with the given reason, and the request survives', async () => {
  const body = new PassThrough()
  const ending = new AbortController()
  setTimeout(() => ending.abort(new Error('replaced')), 50)
  const reading = readChunks(body as unknown as IncomingMessage, PACE, ending.signal).next()
  await expect(reading).rejects.toThrow('replaced')
  expect(body.destroyed).toBe(false)
})
