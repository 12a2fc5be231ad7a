import type { PolledTask } from '@obscura/shared'
import { expect, test } from 'vitest'
import type { TaskFinder } from '../task-finder.js'
import { createRenderingWait } from './rendering-wait.js'

/** A finder of one task of each customer, which counts how often it is asked. */
function finderOf(task: Partial<PolledTask>): TaskFinder & { looks: number } {
  const found = { status: 'done', revision: 1, renderedRevision: 0, renderingFailure: null, ...task } as PolledTask
  const find = async (customerId: string) => {
    find.looks++
    return { ...found, ...task, customerId }
  }
  find.looks = 0
  return find
}

const of = (customerId: string) => ({ id: 1, customerId })

test('the number of waiting responses of a customer is limited, and they delay nobody else', async () => {
  const find = finderOf({})
  const wait = createRenderingWait(find, { patienceMs: 1500, perCustomer: 2 })
  const ended: string[] = []
  const note = (customer: string) => wait(of(customer), 1).then(() => ended.push(customer))
  await Promise.all([note('many'), note('many'), note('other'), ...Array.from({ length: 20 }, () => note('many'))])
  expect(ended.slice(0, 20)).toEqual(new Array(20).fill('many'))
  expect(ended.slice(20).sort()).toEqual(['many', 'many', 'other'])
  // One look of each response, and those of the three that wait, at growing intervals.
  expect(find.looks).toBeGreaterThan(23)
  expect(find.looks).toBeLessThan(23 + 3 * 20)
  expect(await wait(of('many'), 1)).toMatchObject({ renderedRevision: 0 })
})

test('a response waits no longer than the rendering, or its failure', async () => {
  const task: Partial<PolledTask> = {}
  const wait = createRenderingWait(finderOf(task))
  const [done, failed] = [wait(of('a'), 1), wait(of('b'), 2)]
  task.renderedRevision = 1
  task.revision = 2
  expect(await done).toMatchObject({ renderedRevision: 1 })
  task.renderingFailure = 'INTERNAL_ERROR'
  expect(await failed).toMatchObject({ renderingFailure: 'INTERNAL_ERROR' })
})

test('a task that is deleted meanwhile ends the wait', async () => {
  const task: Partial<PolledTask> = {}
  const waiting = createRenderingWait(finderOf(task))(of('a'), 1)
  task.status = 'deleted'
  await expect(waiting).rejects.toMatchObject({ code: 'taskDeleted' })
})
