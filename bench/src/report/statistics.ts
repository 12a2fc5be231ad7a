/**
 * The value below which the fraction `q` 0..1 of the samples lies, without interpolation; NaN
 * without samples.
 */
export function quantile(samples: Iterable<number>, q: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted.length === 0 ? Number.NaN : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]
}

/** The middle sample; of an even number the larger one of the two. */
export function median(samples: Iterable<number>): number {
  return quantile(samples, 0.5)
}

/** The arithmetic mean; NaN without samples. */
export function mean(samples: readonly number[]): number {
  return samples.reduce((sum, value) => sum + value, 0) / samples.length
}
