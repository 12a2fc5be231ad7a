import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest'

/** Of the requests that create a task. */
let asked = 0

vi.hoisted(() => vi.stubGlobal('document', { baseURI: 'http://service.example/' }))
vi.stubGlobal('fetch', async () => {
  asked++
  throw new TypeError('Failed to fetch')
})
afterAll(() => vi.unstubAllGlobals())

const { session } = await import('../api/session.js')
const { uploads, newUpload, counts, UNREACHED } = await import('./queue.js')
const { resume } = await import('./work.js')

const user = { token: 'anna', username: 'anna', customer: 'c', isAdmin: false }

beforeEach(async () => {
  vi.useFakeTimers()
  session.value = user
  // The list of the user is read first.
  await vi.advanceTimersByTimeAsync(0)
  uploads.value = Array.from({ length: 40 }, (_, i) => newUpload(new File(['image'], `${i}.jpg`), `${i}.jpg`, {} as never))
  asked = 0
})
afterEach(() => vi.useRealTimers())

test('a service that cannot be reached is not asked for each file of a long list', async () => {
  resume()
  await vi.advanceTimersByTimeAsync(1000)
  expect(asked).toBe(3)
  expect(counts.value.failed).toBe(0)
  expect(uploads.value.filter(({ problem }) => problem === UNREACHED)).toHaveLength(3)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toBeGreaterThan(20)
  expect(asked).toBeLessThan(50)
  expect(counts.value.waiting + counts.value.stopped + counts.value.uploading).toBe(40)
})

test('nothing is sent while nobody is signed in, and all goes on afterwards', async () => {
  session.value = null
  resume()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toBe(0)
  session.value = user
  await vi.advanceTimersByTimeAsync(1000)
  expect(asked).toBe(3)
})
