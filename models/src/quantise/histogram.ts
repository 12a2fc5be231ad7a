/** How values are distributed: counts in equal bins around 0, which widen as values ask for it. */
import type { Range } from './ranges.js'

const BINS = 4096

/** Counts values over a range that grows with them. */
export class Histogram {
  #counts = new Float64Array(BINS)
  /** The bins reach from -reach to +reach. */
  #reach = 1e-3
  #least = Number.POSITIVE_INFINITY
  #most = Number.NEGATIVE_INFINITY
  #total = 0

  add(values: Float32Array): void {
    let [least, most] = [this.#least, this.#most]
    for (const value of values) {
      if (value < least) least = value
      if (value > most) most = value
    }
    this.#least = least
    this.#most = most
    while (Math.max(-least, most) > this.#reach) this.#widen()
    const perUnit = BINS / (2 * this.#reach)
    for (const value of values) this.#counts[Math.min(BINS - 1, Math.floor((value + this.#reach) * perUnit))]++
    this.#total += values.length
  }

  /** From the least to the greatest value, less the fraction `tail` of all values at either end. */
  range(tail: number): Range {
    const low = Math.max(this.#least, this.#boundary(tail, 1))
    const high = Math.min(this.#most, -this.#boundary(tail, -1))
    return [round(low), round(high)]
  }

  /** The border, counted from one end, beyond which lies less than the fraction. */
  #boundary(tail: number, direction: 1 | -1): number {
    let seen = 0
    for (let i = 0; i < BINS; i++) {
      seen += this.#counts[direction === 1 ? i : BINS - 1 - i]
      if (seen > tail * this.#total) return -this.#reach + (2 * this.#reach * i) / BINS
    }
    return 0
  }

  #widen(): void {
    const counts = new Float64Array(BINS)
    for (let i = 0; i < BINS; i++) counts[BINS / 4 + (i >> 1)] += this.#counts[i]
    this.#counts = counts
    this.#reach *= 2
  }
}

/** Six digits are more than 8 bits can tell apart. */
function round(value: number): number {
  return Number(value.toPrecision(6))
}
