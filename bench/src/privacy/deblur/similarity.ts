/** How alike two planes of the same size are. */
import type { Plane } from './plane.js'

/** Pearson's correlation, -1..1; 0 where one of them is even. */
export function correlation(a: Plane, b: Plane): number {
  const { varianceA, varianceB, covariance } = moments(a, b, 0, 0, a.width, a.height)
  return varianceA * varianceB === 0 ? 0 : covariance / Math.sqrt(varianceA * varianceB)
}

/**
 * Structural similarity (Wang et al. 2004), mean over 8 x 8 windows 4 px apart; 1 for equal planes.
 */
export function ssim(a: Plane, b: Plane): number {
  const side = Math.min(8, a.width, a.height)
  const scores: number[] = []
  for (let y = 0; y + side <= a.height; y += 4) {
    for (let x = 0; x + side <= a.width; x += 4) {
      const { meanA, meanB, varianceA, varianceB, covariance } = moments(a, b, x, y, side, side)
      const luminance = (2 * meanA * meanB + C1) / (meanA ** 2 + meanB ** 2 + C1)
      scores.push((luminance * (2 * covariance + C2)) / (varianceA + varianceB + C2))
    }
  }
  return scores.reduce((sum, score) => sum + score, 0) / scores.length
}

/** Wang's constants for values 0..255. */
const C1 = (0.01 * 255) ** 2
const C2 = (0.03 * 255) ** 2

function moments(a: Plane, b: Plane, left: number, top: number, width: number, height: number) {
  let [sumA, sumB, squaresA, squaresB, products] = [0, 0, 0, 0, 0]
  for (let y = top; y < top + height; y++) {
    for (let i = y * a.width + left; i < y * a.width + left + width; i++) {
      sumA += a.values[i]
      sumB += b.values[i]
      squaresA += a.values[i] ** 2
      squaresB += b.values[i] ** 2
      products += a.values[i] * b.values[i]
    }
  }
  const count = width * height
  const [meanA, meanB] = [sumA / count, sumB / count]
  return {
    meanA,
    meanB,
    varianceA: squaresA / count - meanA ** 2,
    varianceB: squaresB / count - meanB ** 2,
    covariance: products / count - meanA * meanB,
  }
}

/**
 * The fraction 0..1 of a text's characters that a reading recovers: 1 - edit distance (Levenshtein)
 * / length.
 */
export function recovered(text: string, reading: string): number {
  let row = Array.from({ length: reading.length + 1 }, (_, j) => j)
  for (let i = 1; i <= text.length; i++) {
    const next = [i]
    for (let j = 1; j <= reading.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + Number(text[i - 1] !== reading[j - 1]))
    }
    row = next
  }
  return Math.max(0, 1 - row[reading.length] / text.length)
}
