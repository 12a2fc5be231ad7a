/** Faces judged by the persons around them. */
import type { Detection } from '../detection.js'
import type { Box } from '../geometry.js'
import { logit, sigmoid } from '../score.js'
import { headsOf } from './heads.js'

/** Persons of a lower score say nothing about faces. */
export const MIN_PERSON_SCORE = 0.1

/**
 * A face's logit changes by the weighted logit of the person with the highest score that it is on,
 * and by the bias. 99 % of the faces of COCO val2017 are on a person of 0.3 or more, of the false
 * ones 26 %; where the figures come from: docs/decisions/heads-without-faces.md.
 */
const WEIGHT = 0.5
const BIAS = 0.2

/**
 * Scores are taken as within these: a face without a person needs 0.78, one on a certain person
 * 0.16.
 */
const FACE_RANGE = [0.02, 0.98] as const
const PERSON_RANGE = [0.05, 0.95] as const

/** The lowest score before {@link facesAmong} that a face of this score can have had. */
export function minFaceScore(score: number): number {
  return sigmoid(logit(score) - WEIGHT * logit(PERSON_RANGE[1]) - BIAS)
}

/**
 * The faces among detections, with new scores, and the heads of persons without a face, from a
 * threshold on.
 * @param detections faces from {@link minFaceScore} on and persons from {@link MIN_PERSON_SCORE} on
 * @param width of the image, px: in a panorama, places this far apart are the same
 */
export function facesAmong(detections: readonly Detection[], threshold: number, width: number): Detection[] {
  const persons = detections.filter(({ class: name }) => name === 'person')
  const faces = detections
    .filter(({ class: name }) => name === 'face')
    .map(face => ({ ...face, score: judged(face, persons, width) }))
    .filter(({ score }) => score >= threshold)
  const without = persons.filter(({ box }) => !faces.some(face => isOn(box, face.box, width)))
  return [...faces, ...headsOf(without).filter(({ score }) => score >= threshold)]
}

function judged({ score, box }: Detection, persons: readonly Detection[], width: number): number {
  const around = persons.filter(person => isOn(person.box, box, width)).map(person => person.score)
  return sigmoid(within(FACE_RANGE, score) + WEIGHT * within(PERSON_RANGE, Math.max(0, ...around)) + BIAS)
}

/** The logit of a score that is moved into a range. */
function within([least, most]: readonly [number, number], score: number): number {
  return logit(Math.min(most, Math.max(least, score)))
}

/**
 * Height of a face as a fraction of its person's: a smaller one is someone behind. The boxes of
 * faces are enlarged.
 */
const MIN_FACE = 0.06
const MAX_FACE = 0.9

/** Whether a face is centred on the upper half of a person, or slightly beside or above it. */
function isOn([x1, y1, x2, y2]: Box, face: Box, width: number): boolean {
  const [w, h] = [x2 - x1, y2 - y1]
  const x = (face[0] + face[2]) / 2
  const y = (face[1] + face[3]) / 2
  const isBeside = [x, x + width, x - width].some(place => place >= x1 - 0.05 * w && place <= x2 + 0.05 * w)
  const fits = face[3] - face[1] > MIN_FACE * h && face[3] - face[1] < MAX_FACE * h
  return fits && isBeside && y >= y1 - 0.1 * h && y <= (y1 + y2) / 2
}
