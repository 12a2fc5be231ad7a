/** Scores 0..1 and their calibration. */

/** The logistic function: 0..1. */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** Inverse of {@link sigmoid}; kept finite by staying 1e-6 away from 0 and 1. */
export function logit(p: number): number {
  const inside = Math.min(1 - 1e-6, Math.max(1e-6, p))
  return Math.log(inside / (1 - inside))
}

/** Platt scaling, [a, b]: score = sigmoid(a * logit(raw) + b). */
export type Calibration = readonly number[]

/** Calibrates a score to be comparable between networks; without calibration it is unchanged. */
export function calibrate(score: number, calibration: Calibration | undefined): number {
  return calibration ? sigmoid(calibration[0] * logit(score) + calibration[1]) : score
}

/** The raw score that {@link calibrate} maps to `score`. */
export function rawScore(score: number, calibration: Calibration | undefined): number {
  return calibration ? sigmoid((logit(score) - calibration[1]) / calibration[0]) : score
}
