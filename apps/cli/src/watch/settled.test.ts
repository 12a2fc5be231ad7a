import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Item } from '../anonymize/plan.js'
import { createArrivals } from './settled.js'

let item: Item
beforeAll(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'obscura-settled-'))
  item = { file: path.join(folder, 'a.jpg'), image: 'a.jpg', sidecars: {} }
  await writeFile(item.file, 'a')
})
afterAll(() => rm(path.dirname(item.file), { recursive: true }))

const SECOND = 1000
const MINUTE = 60 * SECOND

test('an image is taken when it has not changed for the settling time, and once', async () => {
  const arrivals = createArrivals(5 * SECOND)
  expect(await arrivals.ready([item], 0)).toEqual([])
  await writeFile(item.file, 'ab')
  expect(await arrivals.ready([item], 4 * SECOND)).toEqual([])
  expect(await arrivals.ready([item], 8 * SECOND)).toEqual([])
  expect(await arrivals.ready([item], 9 * SECOND)).toEqual([item])
  arrivals.processed(item, false, 10 * SECOND)
  expect(await arrivals.ready([item], 1e9)).toEqual([])
})

test('a finished image is taken again when it is replaced, even by one of the same length', async () => {
  const arrivals = createArrivals(SECOND)
  await arrivals.ready([item], 0)
  expect(await arrivals.ready([item], SECOND)).toEqual([item])
  arrivals.processed(item, false, SECOND)
  await utimes(item.file, 1, 1)
  await arrivals.ready([item], 2 * SECOND)
  expect(await arrivals.ready([item], 3 * SECOND)).toEqual([item])
})

test('a failed image is tried again after a quarter of an hour, or as soon as it has changed', async () => {
  const arrivals = createArrivals(SECOND)
  await arrivals.ready([item], 0)
  await arrivals.ready([item], SECOND)
  arrivals.processed(item, true, SECOND)
  expect(await arrivals.ready([item], 14 * MINUTE)).toEqual([])
  expect(await arrivals.ready([item], 16 * MINUTE)).toEqual([item])
  arrivals.processed(item, true, 16 * MINUTE)
  await writeFile(item.file, 'mended')
  await arrivals.ready([item], 17 * MINUTE)
  expect(await arrivals.ready([item], 17 * MINUTE + SECOND)).toEqual([item])
})

test('an image that is moved away is forgotten, and taken again when it is back', async () => {
  const arrivals = createArrivals(SECOND)
  await arrivals.ready([item], 0)
  arrivals.processed(item, false, SECOND)
  expect(await arrivals.ready([{ ...item, file: `${item.file}.gone` }], 2 * SECOND)).toEqual([])
  await arrivals.ready([item], 3 * SECOND)
  expect(await arrivals.ready([item], 4 * SECOND)).toEqual([item])
})
