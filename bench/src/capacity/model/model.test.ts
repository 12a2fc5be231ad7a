import { expect, test } from 'vitest'
import { demandOf } from './demand.js'
import { readFigures } from './figures.js'
import { LIMITS, loadsOf, reach } from './limits.js'
import { randomNumbers, serviceTimes, simulate } from './simulation.js'

const exponential = (mean: number, random: () => number) => () => -mean * Math.log(1 - random())

test('one core with random times waits as M/M/1 does', () => {
  const random = randomNumbers(1)
  const { p50, p99 } = simulate({ rate: 0.8, cores: 1, service: exponential(1, random), tasks: 400_000, random })
  // P(wait > t) = rho e^(-(1 - rho) t)
  expect(p50 / (Math.log(0.8 / 0.5) / 0.2)).toBeCloseTo(1, 0)
  expect(p99 / (Math.log(0.8 / 0.01) / 0.2)).toBeCloseTo(1, 0)
})

test('many cores wait as M/M/c does', () => {
  const random = randomNumbers(2)
  const { p50, p99 } = simulate({ rate: 9, cores: 10, service: exponential(1, random), tasks: 400_000, random })
  // Erlang's C for 10 servers and 9 Erlang is 0.6687; P(wait > t) = C e^(-(c - a) t)
  expect(p50 / Math.log(0.6687 / 0.5)).toBeGreaterThan(0.8)
  expect(p50 / Math.log(0.6687 / 0.5)).toBeLessThan(1.25)
  expect(p99 / Math.log(0.6687 / 0.01)).toBeCloseTo(1, 0)
})

test('with tasks always waiting, cores are fully used', () => {
  const random = randomNumbers(3)
  const service = serviceTimes(2, 0.6, random)
  expect(simulate({ rate: Number.POSITIVE_INFINITY, cores: 8, service, tasks: 100_000, random }).throughput).toBeCloseTo(4, 1)
})

test('service times have the mean and the variation that were asked for', () => {
  const service = serviceTimes(3, 0.5, randomNumbers(4))
  const times = Array.from({ length: 200_000 }, service)
  const mean = times.reduce((sum, t) => sum + t) / times.length
  const deviation = Math.sqrt(times.reduce((sum, t) => sum + (t - mean) ** 2, 0) / times.length)
  expect(mean).toBeCloseTo(3, 1)
  expect(deviation / mean).toBeCloseTo(0.5, 1)
})

test('a day of images is counted in cores, statements and bytes', () => {
  const values = readFigures([
    'engineSeconds=1',
    'workerSeconds=0.4',
    'peak=2',
    'utilization=0.7',
    'polls=5',
    'statements=7',
    'backgroundStatements=10',
  ])
  const demand = demandOf(864_000, values)
  expect(demand).toMatchObject({ rate: 20, cores: 40, workers: 3, statements: 270, rowsPerYear: 864_000 * 365 })
  expect(demand.storageBytes).toBe(864_000 * values.retentionDays * values.bytesIn)
})

test('every part is used up where its load is one, and the first of them comes first', () => {
  const values = readFigures()
  const demand = demandOf(1e6, values)
  for (const limit of LIMITS) {
    const images = reach(limit, values)
    expect(limit.load(demandOf(images * 0.99, values), values)).toBeLessThan(1)
    expect(limit.load(demandOf(images * 1.01, values), values)).toBeGreaterThanOrEqual(1)
  }
  const loads = loadsOf(demand, values).map(({ load }) => load)
  expect(loads).toEqual([...loads].sort((a, b) => b - a))
})

test('an unknown figure is refused, naming those there are', () => {
  expect(() => readFigures(['cores=1'])).toThrow(/engineSeconds/)
  expect(() => readFigures(['peak=many'])).toThrow(RangeError)
})
