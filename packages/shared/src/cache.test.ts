import { afterEach, expect, test, vi } from 'vitest'
import { cacheForMs } from './cache.js'

afterEach(() => void vi.useRealTimers())

test('the function is called once a second, however often the result is requested', async () => {
  vi.useFakeTimers()
  let asked = 0
  const kept = cacheForMs(1000, async () => ++asked)
  expect(await Promise.all([kept(), kept()])).toEqual([1, 1])
  vi.advanceTimersByTime(999)
  expect(await kept()).toBe(1)
  vi.advanceTimersByTime(1)
  expect(await Promise.all([kept(), kept()])).toEqual([2, 2])
})

test('a failure is cached as well', async () => {
  vi.useFakeTimers()
  let asked = 0
  const kept = cacheForMs(1000, async () => {
    if (asked++ === 0) throw new Error('away')
    return asked
  })
  await expect(kept()).rejects.toThrow('away')
  await expect(kept()).rejects.toThrow('away')
  vi.advanceTimersByTime(1000)
  expect(await kept()).toBe(2)
})
