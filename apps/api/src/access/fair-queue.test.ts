import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createFairQueue } from './fair-queue.js'

test('whoever comes after thousands of requests of another waits for one of them', async () => {
  const lane = createFairQueue(1, 2000)
  const order: string[] = []
  const work = (key: string) => lane(key, async () => void order.push(key))
  await Promise.all([...Array.from({ length: 1000 }, () => work('many')), work('one'), work('one')])
  expect(order.indexOf('one')).toBeLessThan(3)
  expect(order.lastIndexOf('one')).toBeLessThan(5)
  expect(order).toHaveLength(1002)
})

test('a limited number runs at once, and one that fails frees its place', async () => {
  const lane = createFairQueue(2, 100)
  let [running, most] = [0, 0]
  const work = async () => {
    most = Math.max(most, ++running)
    await sleep(2)
    running--
    throw new Error('wrong')
  }
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => lane(`key ${i % 3}`, work)))
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
  expect(most).toBe(2)
})

test('a full queue admits only those who have nothing waiting', async () => {
  const lane = createFairQueue(1, 3)
  const tries = ['a', 'a', 'a', 'a', 'a', 'b', 'b', 'c', 'd', 'e'].map(key => lane(key, () => sleep(1)).then(() => key))
  const outcomes = await Promise.allSettled(tries)
  const done = outcomes.map(outcome => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason.code))
  const busy = 'signInBusy'
  expect(done).toEqual(['a', 'a', 'a', 'a', busy, 'b', busy, 'c', 'd', busy])
})
