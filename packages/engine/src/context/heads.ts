/** Heads of detected persons in whom no face was found: seen from behind, turned away, hidden. */
import type { Detection } from '../detection.js'
import { area, type Box } from '../geometry.js'
import { located } from '../merge/on-sphere.js'
import { type Calibration, calibrate } from '../score.js'

/** A smaller sqrt(area) of the person's box, px of the view it was seen in: no face is legible. */
const MIN_PERSON = 40

/** Persons that lie, or of whom only a part is seen, have their heads anywhere. */
const MIN_ASPECT = 1.1

/** Height of the head: of the person's, but at most of the width. Its width: of the height. */
const HEIGHT = 0.25
const MAX_HEIGHT_BY_WIDTH = 0.8
const WIDTH_BY_HEIGHT = 1.2

/**
 * A head's score is its person's, shifted so that a person of 0.7 is a face of 0.5: below, the
 * heads of false persons exceed those of true ones.
 */
const FROM_PERSON: Calibration = [1, -0.85]

/** The score that a person needs for a head of this score. */
export function personScore(head: number): number {
  return calibrate(head, [1 / FROM_PERSON[0], -FROM_PERSON[1] / FROM_PERSON[0]])
}

/**
 * The heads of upright persons without a face, as detections of the class face; where they are and
 * from which scores on was chosen on COCO val2017 (docs/decisions/heads.md).
 * @param width of the image, px: in a panorama, places this far apart are the same
 */
export function headsOf(persons: readonly Detection[], faces: readonly Detection[], width: number): Detection[] {
  return persons
    .filter(person => isUpright(person.seen?.box ?? person.box) && !faces.some(({ box }) => hasFace(person.box, box, width)))
    .map(({ score: ofPerson, box, seen }) => {
      const head = { class: 'face', score: calibrate(ofPerson, FROM_PERSON) } as const
      return seen ? located(head, { projection: seen.projection, box: headOf(seen.box) }) : { ...head, box: headOf(box) }
    })
}

function isUpright(box: Box): boolean {
  return Math.sqrt(area(box)) >= MIN_PERSON && box[3] - box[1] > MIN_ASPECT * (box[2] - box[0])
}

function headOf([x1, y1, x2, y2]: Box): Box {
  const height = Math.min(HEIGHT * (y2 - y1), MAX_HEIGHT_BY_WIDTH * (x2 - x1))
  const width = Math.min(x2 - x1, WIDTH_BY_HEIGHT * height)
  const left = (x1 + x2 - width) / 2
  return [left, y1, left + width, y1 + height]
}

/** Whether a face is centred on the upper half of a person, or slightly above it. */
function hasFace([x1, y1, x2, y2]: Box, face: Box, width: number): boolean {
  const x = (face[0] + face[2]) / 2
  const y = (face[1] + face[3]) / 2
  const isBeside = [x, x + width, x - width].some(place => place >= x1 && place <= x2)
  return isBeside && y >= y1 - 0.1 * (y2 - y1) && y <= (y1 + y2) / 2
}
