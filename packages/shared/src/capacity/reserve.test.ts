import { PassThrough } from 'node:stream'
import { register } from 'prom-client'
import { expect, test } from 'vitest'
import { createLogger } from '../log.js'
import { createReserve, ShortageError } from './reserve.js'

function makeReserve(bytes: number) {
  const lines: string[] = []
  const destination = new PassThrough().on('data', data => lines.push(JSON.parse(String(data)).msg))
  const state: { free: number | undefined } = { free: 10_000_000 }
  const measure = async () => state.free
  const reserve = createReserve(
    { resource: 'disk', bytes, measure, setting: 'MIN_FREE_DISK_MB' },
    createLogger('info', destination),
  )
  return { state, reserve, lines }
}

const gauge = async (name: string) => (await register.getSingleMetric(name)!.get()).values.map(({ value }) => value)

test('what would leave less than the reserve is refused, naming the setting', async () => {
  const { reserve } = makeReserve(3_000_000)
  await reserve.require(7_000_000)
  await expect(reserve.require(7_000_001)).rejects.toThrow(ShortageError)
  await expect(reserve.require(8_000_000)).rejects.toThrow('Only 10 MB of disk are free; MIN_FREE_DISK_MB reserves 3 MB.')
  await reserve.require(8_000_000, 0.5)
})

test('a shortage is logged and measured when it begins and when it is over', async () => {
  const { state, reserve, lines } = makeReserve(3_000_000)
  state.free = 2_000_000
  for (let i = 0; i < 5; i++) await expect(reserve.require(0)).rejects.toThrow(ShortageError)
  expect([await gauge('obscura_short'), await gauge('obscura_free_bytes')]).toEqual([[1], [2_000_000]])
  // At the limit the shortage is not over yet.
  state.free = 3_000_001
  await reserve.require(0)
  expect(await gauge('obscura_short')).toEqual([1])
  state.free = 4_000_000
  for (let i = 0; i < 5; i++) await reserve.require(0)
  expect(await gauge('obscura_short')).toEqual([0])
  expect(lines).toEqual([
    'Only 2 MB of disk are free; MIN_FREE_DISK_MB reserves 3 MB. Work is delayed until more is free.',
    'Enough disk is free again.',
  ])
})

test.each([
  ['nobody knows what is free', 1e18, undefined],
  ['there is no limit', 0, 0],
])('nothing is refused where %s', async (_, bytes, free) => {
  const { state, reserve } = makeReserve(bytes)
  state.free = free
  await reserve.require(1_000_000)
})
