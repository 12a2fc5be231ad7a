import {
  addCorrection,
  addRevision,
  addUser,
  type Correction,
  claimRendering,
  claimTask,
  completeRendering,
  completeTask,
  currentKeys,
  deleteTask,
  findTask,
  originalKey,
  regionsKey,
  type Task,
} from '@obscura/shared'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { renderNext, startRenderings } from './render-revision.js'
import { makeUploaded, openServices, type TestServices } from './test/services.js'

let services: TestServices
beforeEach(async () => {
  services = await openServices()
})
afterEach(() => services.close())

const BY = { userId: '00000000-0000-4000-8000-000000000000', username: 'tester' }
const NOTHING: Correction = { remove: [], add: [], change: [], parameters: {} }

/** A finished task with two detections. */
async function finished(content = 'photo', customerId = services.customerId): Promise<Task> {
  await makeUploaded({ ...services, customerId }, content)
  const task = (await claimTask(services.db, 'test', 60))!
  const face = { class: 'face', score: 0.9, box: [1, 2, 3, 4], anonymised: true } as const
  const regions = [0, 1].map(id => ({ ...face, id, source: 'detector', shape: 'rectangle' }))
  await services.store.put(regionsKey(task, task.attempt), Buffer.from(JSON.stringify(regions)), 'application/json')
  const lease = { taskId: task.id, owner: 'test', attempt: task.attempt }
  const result = { outputFormat: 'png', outputWidth: 20, outputHeight: 10, detections: [face, face], timings: {} } as const
  return (await completeTask(services.db, lease, result))!
}

const correct = (task: Task, correction: Partial<Correction>) =>
  addRevision(services.db, task, BY, undefined, async newest => {
    const { edits, changes } = addCorrection(newest.edits, { ...NOTHING, ...correction })
    return { edits, changes, parameters: { ...newest.parameters, ...correction.parameters } }
  })

const reread = async (task: Task) => (await findTask(services.db, task.customerId, task.id))!
const read = async (key: string) => (await services.store.get(key)).toString()

it('a correction is rendered from the original and the stored regions, and shown at once with its parameters', async () => {
  const task = await finished()
  expect(await renderNext(services, 60)).toBe(false)
  await correct(task, { remove: [0], parameters: { quality: 50 } })
  const waiting = await reread(task)
  expect([waiting.revision, waiting.renderedRevision, waiting.parameters.quality]).toEqual([1, 0, 90])
  expect(await renderNext(services, 60)).toBe(true)
  const corrected = await reread(task)
  expect([corrected.revision, corrected.renderedRevision, corrected.parameters.quality]).toEqual([1, 1, 50])
  expect(await read(currentKeys(corrected).anonymized)).toBe('anonymized photo with 1')
  expect(await renderNext(services, 60)).toBe(false)
})

it('of several corrections only the newest is rendered', async () => {
  const task = await finished()
  for (const id of [0, 1]) await correct(task, { remove: [id] })
  expect(await renderNext(services, 60)).toBe(true)
  expect((await reread(task)).renderedRevision).toBe(2)
  expect(await renderNext(services, 60)).toBe(false)
})

it('a correction that comes while an earlier one is rendered is rendered after it', async () => {
  const task = await finished()
  await correct(task, { remove: [0] })
  const rendering = (await claimRendering(services.db, 60))!
  await correct(task, { remove: [1] })
  expect(await claimRendering(services.db, 60)).toBeUndefined()
  const result = { outputFormat: 'png', outputWidth: 20, outputHeight: 10, detections: [], timings: {} } as const
  expect((await completeRendering(services.db, rendering, result))?.renderedRevision).toBe(1)
  expect(await renderNext(services, 60)).toBe(true)
  expect((await reread(task)).renderedRevision).toBe(2)
})

it('a worker that died is replaced, and can complete nothing when it comes back', async () => {
  const task = await finished()
  await correct(task, { remove: [0] })
  const dead = (await claimRendering(services.db, 0))!
  expect(await renderNext(services, 60)).toBe(true)
  const result = { outputFormat: 'png', outputWidth: 20, outputHeight: 10, detections: [], timings: {} } as const
  expect(await completeRendering(services.db, dead, result)).toBeUndefined()
  expect((await reread(task)).renderedRevision).toBe(1)
})

it('an original that is gone ends the rendering: the task keeps its files and says why', async () => {
  const task = await finished()
  await correct(task, { remove: [0] })
  await services.store.deletePrefix(originalKey(task))
  expect(await renderNext(services, 60)).toBe(true)
  const failed = await reread(task)
  expect([failed.renderedRevision, failed.renderingFailure]).toEqual([0, 'TASK_FILE_DOESNT_EXIST'])
  expect(await renderNext(services, 60)).toBe(false)
})

it('an engine that fails is tried three times, and another correction starts again', async () => {
  const task = await finished()
  await correct(task, { remove: [0] })
  const { engine } = services
  services.engine = { ...engine, render: () => Promise.reject(new Error('It broke.')) }
  for (let tries = 1; tries <= 3; tries++) {
    await services.db.query('update renderings set due_time = now()')
    expect(await renderNext(services, 60)).toBe(true)
  }
  await services.db.query('update renderings set due_time = now()')
  expect(await renderNext(services, 60)).toBe(false)
  expect((await reread(task)).renderingFailure).toBe('INTERNAL_ERROR')
  services.engine = engine
  await correct(task, { remove: [1] })
  expect(await renderNext(services, 60)).toBe(true)
  expect(await reread(task)).toMatchObject({ renderedRevision: 2, renderingFailure: null })
})

it('nothing is rendered while disk or memory are short, and it is as soon as they are not', async () => {
  const task = await finished()
  await correct(task, { remove: [0] })
  let asked = 0
  let isShort = true
  const renderings = startRenderings(services, 60, async () => {
    asked++
    return !isShort
  })
  await expect.poll(() => asked).toBeGreaterThan(3)
  expect((await reread(task)).renderedRevision).toBe(0)
  isShort = false
  await expect.poll(async () => (await reread(task)).renderedRevision).toBe(1)
  await renderings.stop()
})

it.each([
  ['text', 'escape'],
  ['lists within lists', '['.repeat(1e6)],
  ['another class', JSON.stringify([{ id: 0, class: '__proto__', score: 1, box: [1, 2, 3, 4], source: 'detector' }])],
])('regions that hold %s end the rendering of that image, and of no other', async (_, file) => {
  const [task, other] = [await finished(), await finished('other')]
  await services.store.put(regionsKey(task, task.attempt), Buffer.from(file), 'application/json')
  for (const each of [task, other]) await correct(each, { remove: [0] })
  for (let tries = 1; tries <= 4; tries++) {
    await services.db.query('update renderings set due_time = now()')
    await renderNext(services, 60)
  }
  expect(await renderNext(services, 60)).toBe(false)
  expect(await reread(task)).toMatchObject({ renderedRevision: 0, renderingFailure: 'INTERNAL_ERROR' })
  expect(await reread(other)).toMatchObject({ renderedRevision: 1, renderingFailure: null })
})

it('a task that is deleted while it is rendered keeps no files', async () => {
  const task = await finished()
  await correct(task, { remove: [0] })
  const { engine } = services
  services.engine = {
    ...engine,
    render: async (...given) => {
      await deleteTask(services.db, task.customerId, task.id)
      await services.store.deletePrefix(`${task.customerId}/${task.id}/`)
      return engine.render(...given)
    },
  }
  expect(await renderNext(services, 60)).toBe(true)
  expect(await services.store.list(`${task.customerId}/`, 10)).toEqual([])
})

it('customers take turns: many corrections of one do not hold up a single one of another', async () => {
  const many = [await finished(), await finished(), await finished()]
  const { customerId } = await addUser(services.db, 'other', 'secret', 'Others')
  const single = await finished('photo', customerId)
  for (const task of [...many, single]) await correct(task, { remove: [0] })
  await renderNext(services, 60)
  await renderNext(services, 60)
  const rendered = await Promise.all([...many, single].map(async task => (await reread(task)).renderedRevision))
  expect(rendered).toEqual([1, 0, 0, 1])
})

it('corrections with long parameters are refused before their list exceeds one response', async () => {
  const task = await finished()
  const areas = ' '.repeat(1_000_000)
  const add = async () => {
    for (let i = 0; i < 6; i++) await correct(task, { parameters: { areas } })
  }
  await expect(add()).rejects.toThrow('The corrections of this task have become too large: create a new task.')
  expect((await reread(task)).revision).toBe(4)
})
