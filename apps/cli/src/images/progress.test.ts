import { Writable } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { showProgress } from './progress.js'

const texts: string[] = []

/** What a terminal or a file of a log gets. */
function output(isTTY: boolean): NodeJS.WriteStream {
  const stream = new Writable({ write: (chunk, _encoding, done) => done(void texts.push(String(chunk))) })
  // As far as the bar asks for it.
  const terminal = { isTTY, columns: 80, cursorTo() {}, clearLine() {}, moveCursor() {}, clearScreenDown() {} }
  return Object.assign(stream, terminal) as unknown as NodeJS.WriteStream
}

beforeEach(() => {
  texts.length = 0
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance', 'Date'] })
})
afterEach(() => vi.useRealTimers())

test('a log has a line for each image, and another line while one takes long', () => {
  const progress = showProgress(2, output(false))
  progress.begun('large.jpg')
  vi.advanceTimersByTime(65_000)
  progress.finished('large.jpg')
  progress.begun('bad\n.jpg')
  progress.finished('bad\n.jpg', 'no such file')
  progress.stop()
  vi.advanceTimersByTime(100_000)
  expect(texts).toEqual([
    '[0/2] 20 s on large.jpg\n',
    '[0/2] 40 s on large.jpg\n',
    '[0/2] 60 s on large.jpg\n',
    '[1/2] large.jpg: 65 s (0.02 images/s, 65 s left)\n',
    '[2/2] bad\\x0a.jpg: no such file (0.03 images/s, 0.0 s left)\n',
  ])
})

test('a wait for memory is reported immediately, and repeatedly while it lasts', () => {
  const progress = showProgress(1, output(false))
  for (let second = 0; second < 45; second++) {
    progress.waiting('waiting for memory')
    vi.advanceTimersByTime(1000)
  }
  progress.begun('a.jpg')
  progress.stop()
  expect(texts).toEqual(Array.from({ length: 3 }, () => '[0/1] waiting for memory\n'))
})

test('the bar on a terminal is updated every second and fits into 80 columns', () => {
  const progress = showProgress(1000, output(true))
  progress.begun('street.jpg')
  vi.advanceTimersByTime(3000)
  progress.finished('street.jpg', 'no such file')
  progress.begun('next.jpg')
  vi.advanceTimersByTime(1000)
  progress.stop()
  const bars = texts.filter(text => text.includes('/1000'))
  expect(bars.some(text => text.includes('0/1000  2.0 s on street.jpg'))).toBe(true)
  expect(bars.at(-1)).toContain('1/1000  0.25 images/s, 67 min left  1 failed  1.0 s on next.jpg')
  for (const text of bars) expect(text.length).toBeLessThan(100)
})
