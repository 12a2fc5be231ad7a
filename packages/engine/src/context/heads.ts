/** Heads of detected persons: of those without a face, they are covered as faces are. */
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

/**
 * The heads of those of the persons who are upright and large enough, as detections of the class
 * face; where they are and from which scores on was chosen on COCO val2017
 * (docs/decisions/heads.md).
 */
export function headsOf(persons: readonly Detection[]): Detection[] {
  return persons
    .filter(({ seen, box }) => isUpright(seen?.box ?? box))
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
