/** Scores of detections, and whether each was an object. */
export interface Sample {
  /** Raw, 0..1. */
  score: number
  isTrue: boolean
}

const logit = (p: number) => Math.log(Math.min(1 - 1e-6, Math.max(1e-6, p)) / (1 - Math.min(1 - 1e-6, Math.max(1e-6, p))))
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

const MAX_STEPS = 100
/** A little ridge keeps classes that a score separates perfectly finite. */
const RIDGE = 1e-3

/**
 * Fits a and b of sigmoid(a * logit(score) + b) to the fraction of true detections, by Newton's
 * method on the likelihood; targets are those of Platt 1999, which keep small samples from extremes
 *.
 * @returns undefined when all samples are true, or none
 */
export function fitPlatt(samples: readonly Sample[]): [a: number, b: number] | undefined {
  const positives = samples.filter(({ isTrue }) => isTrue).length
  const negatives = samples.length - positives
  if (positives === 0 || negatives === 0) return undefined
  const high = (positives + 1) / (positives + 2)
  const low = 1 / (negatives + 2)
  const points = samples.map(({ score, isTrue }) => ({ x: logit(score), y: isTrue ? high : low }))
  let [a, b] = [1, 0]
  for (let step = 0; step < MAX_STEPS; step++) {
    let [ga, gb, haa, hab, hbb] = [RIDGE * (a - 1), RIDGE * b, RIDGE, 0, RIDGE]
    for (const { x, y } of points) {
      const p = sigmoid(a * x + b)
      const weight = p * (1 - p)
      ga += (p - y) * x
      gb += p - y
      haa += weight * x * x
      hab += weight * x
      hbb += weight
    }
    const determinant = haa * hbb - hab * hab
    const da = (ga * hbb - gb * hab) / determinant
    const db = (gb * haa - ga * hab) / determinant
    // Long steps of the first rounds could leave the region where the method converges.
    const damp = Math.min(1, 2 / Math.max(Math.abs(da), Math.abs(db), 1e-9))
    a -= damp * da
    b -= damp * db
    if (Math.abs(da) + Math.abs(db) < 1e-6) break
  }
  return [a, b]
}
