import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createSlots } from './slots.js'

/** `left` pieces of work, each of which takes `ms`; records the maximum number in progress. */
function makeWork(left: number, ms = 1) {
  const seen = { left, done: 0, running: 0, most: 0 }
  const work = async () => {
    if (seen.left === 0) return false
    seen.left--
    seen.most = Math.max(seen.most, ++seen.running)
    await sleep(ms)
    seen.running--
    seen.done++
    return true
  }
  return { seen, work }
}

test('one wake is enough for all work', async () => {
  const { seen, work } = makeWork(10)
  const slots = createSlots(3, work)
  await slots.wake()
  expect(seen).toMatchObject({ done: 10, most: 1 })
  expect(slots.idle()).toBe(3)
})

test('many wakes fill all slots, and no more', async () => {
  const { seen, work } = makeWork(10)
  const slots = createSlots(3, work)
  await Promise.all(Array.from({ length: 8 }, () => slots.wake()))
  expect(seen).toMatchObject({ done: 10, most: 3 })
})

test('work that arrives while a slot finds nothing is not missed', async () => {
  let waiting = 0
  let done = 0
  const slots = createSlots(1, async () => {
    const found = waiting > 0
    if (found) waiting--
    await sleep(5)
    if (found) done++
    return found
  })
  const first = slots.wake()
  waiting++
  await slots.wake()
  await first
  expect(done).toBe(1)
})

test('work that throws leaves its slot idle, and the error reaches the caller of wake', async () => {
  const slots = createSlots(1, async () => {
    throw new Error('The database is away.')
  })
  await expect(slots.wake()).rejects.toThrow('away')
  expect(slots.idle()).toBe(1)
})

test('stopping waits for work in progress and starts nothing more', async () => {
  const { seen, work } = makeWork(10, 20)
  const slots = createSlots(2, work)
  void slots.wake()
  void slots.wake()
  await slots.stop()
  expect(seen).toMatchObject({ done: 2, running: 0 })
  await slots.wake()
  expect(seen.done).toBe(2)
})
