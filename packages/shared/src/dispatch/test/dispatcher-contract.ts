/** The contract of every Dispatcher, run by the test of each adapter. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Dispatcher } from '../dispatcher.js'

/** `open` returns a dispatcher that shares nothing with earlier ones. */
export function dispatcherContract(open: () => Promise<Dispatcher>): void {
  let dispatcher: Dispatcher

  beforeEach(async () => {
    dispatcher = await open()
  })

  afterEach(() => dispatcher.stop())

  test('hints reach the handler, those from before its start too', async () => {
    const handled: number[] = []
    await dispatcher.hint(1, 0)
    await dispatcher.start(async taskId => void handled.push(taskId), 2)
    await dispatcher.hint(2, 0)
    await dispatcher.hint(1_690_264_444_814_157, 3)
    await expect.poll(() => handled.toSorted()).toEqual([1, 1_690_264_444_814_157, 2])
  })

  test('a task may be hinted again after its hint was handled', async () => {
    const handled: number[] = []
    await dispatcher.start(async taskId => void handled.push(taskId), 1)
    await dispatcher.hint(1, 0)
    await expect.poll(() => handled).toEqual([1])
    await expect.poll(() => dispatcher.hint(1, 0).then(() => handled.length)).toBeGreaterThan(1)
  })

  test('no more than the given number are handled at once', async () => {
    let running = 0
    let most = 0
    let handled = 0
    await dispatcher.start(async () => {
      most = Math.max(most, ++running)
      await sleep(20)
      running--
      handled++
    }, 3)
    for (let taskId = 1; taskId <= 12; taskId++) await dispatcher.hint(taskId, 0)
    await expect.poll(() => handled).toBe(12)
    expect(most).toBe(3)
  })

  test('a handler that fails holds up nothing', async () => {
    const handled: number[] = []
    await dispatcher.start(async taskId => {
      handled.push(taskId)
      if (taskId < 3) throw new Error('Failed on purpose.')
    }, 1)
    for (const taskId of [1, 2, 3]) await dispatcher.hint(taskId, 0)
    await expect.poll(() => handled.toSorted()).toEqual([1, 2, 3])
  })

  test('stopping waits for hints in progress and takes no more', async () => {
    const begun: number[] = []
    let ended = 0
    await dispatcher.start(async taskId => {
      begun.push(taskId)
      await sleep(200)
      ended++
    }, 1)
    await dispatcher.hint(1, 0)
    await expect.poll(() => begun).toHaveLength(1)
    for (const taskId of [2, 3, 4]) await dispatcher.hint(taskId, 0)
    await dispatcher.stop()
    expect(ended).toBe(1)
    await sleep(300)
    expect(begun).toHaveLength(1)
  })
}
