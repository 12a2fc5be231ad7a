import { createLogger, createReserve, ShortageError } from '@obscura/shared'
import { expect, test } from 'vitest'
import { createDiskSpace } from './disk-space.js'

test('when disk space runs short, the most recent upload is ended for the others', async () => {
  const MB = 1_000_000
  let free = 10 * MB
  const measure = async () => free
  const disk = createReserve({ resource: 'disk', bytes: 5 * MB, measure, setting: 'MIN_FREE_DISK_MB' }, createLogger('silent'))
  const enter = createDiskSpace(disk)
  const ended: string[] = []
  const first = enter(() => ended.push('first'))
  const second = enter(() => ended.push('second'))
  const third = enter(reason => {
    ended.push(`third: ${reason.name}`)
    free += MB
    third.leave()
  })
  await first.need(4 * MB)
  free = 5 * MB
  await first.need(MB)
  expect(ended).toEqual(['third: ShortageError'])
  await expect(second.need(2 * MB)).rejects.toThrow(ShortageError)
  second.leave()
  await expect(first.need(2 * MB)).rejects.toThrow(ShortageError)
  first.leave()
})
