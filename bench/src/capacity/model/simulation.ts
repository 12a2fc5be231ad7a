/**
 * A discrete-event simulation of the queue: tasks arrive at random, the oldest goes to the core
 * that is free first.
 */

import { median, quantile } from '../../report/statistics.js'

/** Numbers in 0..1, the same ones for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Times with a mean and a variation (standard deviation / mean), distributed log-normally: many
 * short ones, some long. 0: all are equal.
 */
export function serviceTimes(mean: number, variation: number, random: () => number): () => number {
  const spread = Math.sqrt(Math.log(1 + variation ** 2))
  const middle = Math.log(mean) - spread ** 2 / 2
  // Box-Muller.
  return () => Math.exp(middle + spread * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()))
}

/** Tasks that wait for cores. */
export interface Queue {
  /** Tasks a second; Infinity: there are always some waiting. */
  rate: number
  cores: number
  /** Seconds of the next task. */
  service: () => number
  tasks: number
  random: () => number
}

/** How long tasks waited. */
export interface Waits {
  /** Seconds from arrival to start. */
  p50: number
  p99: number
  /** Tasks a second that were done. */
  throughput: number
}

/** Runs a queue until all its tasks are done. */
export function simulate({ rate, cores, service, tasks, random }: Queue): Waits {
  const free = new Float64Array(cores)
  const waits: number[] = []
  let arrival = 0
  let end = 0
  // The first tenth finds all cores free, which they never are later.
  const begin = Math.floor(tasks / 10)
  for (let task = 0; task < tasks; task++) {
    if (Number.isFinite(rate)) arrival -= Math.log(1 - random()) / rate
    const start = Math.max(arrival, free[0])
    const finish = start + service()
    replaceFirst(free, finish)
    end = Math.max(end, finish)
    if (task >= begin) waits.push(start - arrival)
  }
  return { p50: median(waits), p99: quantile(waits, 0.99), throughput: tasks / end }
}

/** Replaces the least of a binary heap. */
function replaceFirst(heap: Float64Array, value: number): void {
  let place = 0
  for (;;) {
    let child = 2 * place + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && heap[child + 1] < heap[child]) child++
    if (heap[child] >= value) break
    heap[place] = heap[child]
    place = child
  }
  heap[place] = value
}
