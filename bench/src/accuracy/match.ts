import { area, type Box, type Detection, intersection, iou, type ObjectClass } from '@obscura/engine'
import { type Coverage, coveredFraction } from './cover.js'
import { isComplete, type LabelledObject, type Photo } from './labels.js'

/** An object is covered when this fraction of its pixels is. */
export const COVERED = 0.9

/** What became of one labelled object. */
export interface Match {
  object: LabelledObject
  /** Square root of its box's area, px. */
  size: number
  /** Covered when rectangles are anonymized, and when outlines are. */
  covered: { rectangles: boolean; outlines: boolean }
  /** A detection's box has an IoU of 0.5 or more with it. */
  found: boolean
}

/** Judges the objects of one class that count. */
export function matchObjects(
  photo: Photo,
  name: ObjectClass,
  boxes: readonly Box[],
  coverage: { rectangles: Coverage; outlines: Coverage },
): Match[] {
  return photo.objects
    .filter(object => object.type === name && !object.ignore && !object.region)
    .map(object => ({
      object,
      size: Math.sqrt(area(object.bbox)),
      covered: {
        rectangles: coveredFraction(coverage.rectangles, object) >= COVERED,
        outlines: coveredFraction(coverage.outlines, object) >= COVERED,
      },
      found: boxes.some(box => iou(box, object.bbox) >= 0.5),
    }))
}

/**
 * Whether false detections of the class can be told in this photo. Faces are never all labelled
 * where persons are: a person's head excuses one.
 */
export function hasCompleteLabels(photo: Photo, name: ObjectClass): boolean {
  return isComplete(photo, name) || (name === 'face' && isComplete(photo, 'person'))
}

/**
 * The detections of a class that are false: an IoU below 0.1 with every object of the class, and
 * not mostly on ignored or region objects; faces also not on the upper half of a labelled person.
 */
export function falseDetections(photo: Photo, name: ObjectClass, detections: readonly Detection[]): Detection[] {
  const objects = photo.objects.filter(object => object.type === name)
  const persons = name === 'face' ? photo.objects.filter(object => object.type === 'person') : []
  return detections.filter(({ class: found, box }) => {
    if (found !== name || objects.some(object => iou(object.bbox, box) >= 0.1)) return false
    const excused = objects
      .filter(object => object.ignore || object.region)
      .reduce((sum, object) => sum + intersection(object.bbox, box), 0)
    if (excused > 0.5 * area(box)) return false
    const x = (box[0] + box[2]) / 2
    const y = (box[1] + box[3]) / 2
    return !persons.some(({ bbox: [x1, y1, x2, y2] }) => x >= x1 && x <= x2 && y >= y1 && y <= (y1 + y2) / 2)
  })
}
