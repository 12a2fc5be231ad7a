import type { Labelled } from '@obscura/shared'
import { expect, it } from 'vitest'
import { exportLabels, writeLabels } from './export.js'
import type { TaskAdmin } from './task-admin.js'

const IDS = Array.from({ length: 120 }, (_, i) => 1000 - i)
const labels = (taskId: number): Labelled => ({
  ...{ taskId, fileName: `${taskId}.jpg`, width: 20, height: 10, searched: ['face'] },
  regions: [{ class: 'face', box: [1, 2, 3, 4] }],
})

/** Every tenth task was never checked. */
function admin(): TaskAdmin & { asked: number[] } {
  const asked: number[] = []
  return {
    asked,
    select: async ({ before = Infinity, limit, status }) =>
      status === 'done' ? (IDS.filter(id => id < before).map(id => ({ id })) as never[]).slice(0, limit) : [],
    async labels(ids) {
      asked.push(ids.length)
      const isChecked = (id: number) => id % 10 !== 0
      const skipped = ids.filter(id => !isChecked(id)).map(taskId => ({ taskId, reason: 'Nobody has.' }))
      return { images: ids.filter(isChecked).map(labels), skipped }
    },
    inspect: async () => undefined,
    retry: async id => ({ id, queued: true }),
    close: async () => {},
  }
}

it('all tasks of a selection, or those given, are requested in pages', async () => {
  const service = admin()
  const { images, skipped } = await exportLabels(service, {})
  expect(images.map(({ taskId }) => taskId)).toEqual(IDS.filter(id => id % 10 !== 0))
  expect([...skipped]).toEqual([['Nobody has.', 12]])
  expect(service.asked).toEqual([50, 50, 20])
  const given = admin()
  expect((await exportLabels(given, IDS.slice(0, 60))).images).toHaveLength(54)
  expect(given.asked).toEqual([50, 10])
})

it('without any labels no file is written, and the reasons are printed', async () => {
  const nothing = { images: [], skipped: new Map([['Nobody has.', 3]]) }
  await expect(writeLabels(nothing, 'coco', '/nowhere')).rejects.toThrow(
    'There is nothing to export.\nNot exported: 3 of the tasks. Nobody has.',
  )
})
