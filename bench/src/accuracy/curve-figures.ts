/** What recall costs: figures of one class over all thresholds. */
import { area, type Box, type Detection, iou, type ObjectClass } from '@obscura/engine'
import { coverBox, coveredFraction, noCoverage } from './cover.js'
import type { LabelledObject, Photo } from './labels.js'
import { falseDetections, hasCompleteLabels } from './match.js'

/** An object counts as covered when this fraction of its pixels is. */
const COVERED = 0.9

/** One class in some photos. */
export interface Curve {
  /** The score from which each object is found at an IoU of 0.5, and covered; 0: never. */
  objects: { found: number; covered: number }[]
  /** Photos in which false detections can be told, and the scores of these. */
  complete: number
  wrong: number[]
  /**
   * Of these photos: the objects, and each detection that is right or wrong by average precision.
   */
  positives: number
  ranked: { score: number; isHit: boolean }[]
}

/**
 * Judges the detections of a photo, which hold those of any score.
 * @param boxOf the box before it was enlarged to cover the whole object
 */
export function curveOf(photo: Photo, name: ObjectClass, detections: readonly Detection[], boxOf: (box: Box) => Box): Curve {
  const ofClass = detections.filter(detection => detection.class === name).sort((a, b) => b.score - a.score)
  const objects = photo.objects.filter(object => object.type === name && !object.ignore && !object.region)
  const covered = coveredFrom(photo, objects, ofClass)
  const found = objects.map(({ bbox }) => ofClass.find(({ box }) => iou(boxOf(box), bbox) >= 0.5)?.score ?? 0)
  const curve = { objects: objects.map((_, i) => ({ found: found[i], covered: covered[i] })) }
  if (!hasCompleteLabels(photo, name)) return { ...curve, complete: 0, wrong: [], positives: 0, ranked: [] }
  const wrong = falseDetections(photo, name, ofClass).map(({ score }) => score)
  return { ...curve, complete: 1, wrong, positives: objects.length, ranked: rank(photo, name, ofClass, boxOf) }
}

/** Curves of several photos as one. */
export function joinCurves(curves: readonly Curve[]): Curve {
  return {
    objects: curves.flatMap(({ objects }) => objects),
    complete: curves.reduce((sum, { complete }) => sum + complete, 0),
    wrong: curves.flatMap(({ wrong }) => wrong),
    positives: curves.reduce((sum, { positives }) => sum + positives, 0),
    ranked: curves.flatMap(({ ranked }) => ranked),
  }
}

/** The score of the detection, best first, with which each object becomes covered. */
function coveredFrom(photo: Photo, objects: readonly LabelledObject[], detections: readonly Detection[]): number[] {
  const coverage = noCoverage(photo)
  const scores = objects.map(() => 0)
  for (const { box, score } of detections) {
    coverBox(coverage, box)
    objects.forEach((object, i) => {
      if (scores[i] === 0 && touches(object.bbox, box) && coveredFraction(coverage, object) >= COVERED) scores[i] = score
    })
  }
  return scores
}

function touches(a: Box, b: Box): boolean {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

/**
 * Detections, best first, by the rule of average precision: right if they overlap an object by an
 * IoU of 0.5 that no better one took; those on ignored objects do not count.
 */
function rank(photo: Photo, name: ObjectClass, detections: readonly Detection[], boxOf: (box: Box) => Box) {
  const objects = photo.objects.filter(({ type }) => type === name)
  const taken = new Set<LabelledObject>()
  return detections.flatMap(({ box, score }) => {
    const own = boxOf(box)
    const free = objects.filter(object => !taken.has(object) && iou(object.bbox, own) >= 0.5)
    const best = free.filter(({ ignore, region }) => !ignore && !region).sort((a, b) => iou(b.bbox, own) - iou(a.bbox, own))[0]
    if (best) taken.add(best)
    else if (free.length > 0 || isExcused(objects, own)) return []
    return { score, isHit: best !== undefined }
  })
}

function isExcused(objects: readonly LabelledObject[], box: Box): boolean {
  const shared = objects
    .filter(({ ignore, region }) => ignore || region)
    .reduce((sum, { bbox }) => {
      const width = Math.min(bbox[2], box[2]) - Math.max(bbox[0], box[0])
      const height = Math.min(bbox[3], box[3]) - Math.max(bbox[1], box[1])
      return sum + Math.max(0, width) * Math.max(0, height)
    }, 0)
  return shared > 0.5 * area(box)
}

/** The area under the curve of precision against recall, precision made to fall. */
export function averagePrecision({ ranked, positives }: Curve): number {
  const sorted = ranked.toSorted((a, b) => b.score - a.score)
  let hits = 0
  const precisions = sorted.flatMap(({ isHit }, i) => (isHit ? [++hits / (i + 1)] : []))
  let best = 0
  let sum = 0
  for (const precision of precisions.toReversed()) {
    best = Math.max(best, precision)
    sum += best
  }
  return sum / positives
}

/**
 * The lowest score at which there are at most `rate` false detections a photo, and the recall
 * there.
 */
export function atFalseRate({ objects, complete, wrong }: Curve, rate: number) {
  const sorted = wrong.toSorted((a, b) => b - a)
  const threshold = sorted[Math.floor(rate * complete)] ?? 0
  const fraction = (of: 'found' | 'covered') => objects.filter(object => object[of] > threshold).length / objects.length
  return { threshold, found: fraction('found'), covered: fraction('covered') }
}
