import type { InspectedTask } from '@obscura/shared'
import { expect, test } from 'vitest'
import { details } from './print.js'

const TIME = '2026-11-29T11:10:03.963Z'
const task = {
  ...{ id: 1, customer: 'default', customerId: 'c', status: 'deleted', attempt: 1, failures: 0, createTime: TIME },
  ...{ parameters: { anonymization_method: 'blur', face: true, start_on: 'upload' }, warnings: [], files: [] },
  ...{ uploadTime: TIME, deleteTime: TIME, uploadSize: null, uploadType: null },
} as unknown as InspectedTask

test('the upload of a deleted task is listed without what is no longer known about it', () => {
  expect(details(task)).toMatch(/ uploaded +\d+\w ago *$/m)
  expect(details({ ...task, uploadSize: 20 })).toMatch(/ uploaded +\d+\w ago +20 bytes, no type declared$/m)
})
