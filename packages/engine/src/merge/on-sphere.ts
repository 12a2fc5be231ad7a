import type { ObjectClass } from '@obscura/contract/parameters'
import type { Detection, ViewBox } from '../detection.js'
import { grow } from '../geometry.js'
import { asSeenIn, discOf, mayTouch, sharedParts } from '../sphere/overlap.js'
import { imageBox } from '../sphere/projection.js'
import { continues, isVisible, union } from './on-plane.js'
import type { Geometry } from './views.js'

/**
 * The largest diagonal in degrees that an object has around a camera: a face 40 cm away, a plate
 * (52 cm) at 1.2 m, someone at arm's length, a car at a metre. Anything larger is wall, sky or
 * ground.
 */
const MAX_DIAGONAL: Record<ObjectClass, number> = { face: 40, license_plate: 25, person: 110, vehicle: 140 }

/**
 * Boxes of different views of one panorama, on all of which `seen` must be set: compared by the
 * parts of them that others hold, so that neither the seam nor a pole makes a difference.
 */
export const onSphere: Geometry = {
  accepts: ({ class: name, seen }) => 2 * discOf(seen!).radius <= (MAX_DIAGONAL[name] * Math.PI) / 180,

  repeats(viewDetection, better, { iou, inside }) {
    if (!mayTouch(viewDetection.seen!, better.seen!)) return false
    const [ofOne, ofOther] = sharedParts(viewDetection.seen!, better.seen!)
    if (ofOne === 0 || ofOther === 0) return false
    return 1 / (1 / ofOne + 1 / ofOther - 1) >= iou || (inside < 1 && ofOne >= inside)
  },

  join(a, b) {
    if (!mayTouch(a.seen!, b.seen!)) return undefined
    // Joined in the better view: towards the poles the image is stretched.
    const [home, other] = fromHorizon(a.seen!) > fromHorizon(b.seen!) ? [a.seen!, b.seen!] : [b.seen!, a.seen!]
    const box = asSeenIn(home.projection, other)
    if (!box || !continues(home.box, box)) return undefined
    return located(
      { class: b.class, score: Math.max(a.score, b.score) },
      { projection: home.projection, box: union(home.box, box) },
    )
  },

  finish({ class: name, score, seen }, margins) {
    const { projection, box } = seen!
    const { width, height } = projection.panorama
    const whole = grow(box, ...margins)
    // Only what is an upright box of the image ends where that does.
    const inside = projection.straight
      ? ([whole[0], Math.max(0, whole[1]), whole[2], Math.min(height, whole[3])] as const)
      : whole
    if (!isVisible(inside)) return undefined
    const detection = located({ class: name, score }, { projection, box: inside })
    const isPlain = projection.straight && detection.box[2] <= width
    return isPlain ? { class: name, score, box: detection.box } : detection
  },
}

function fromHorizon(seen: ViewBox): number {
  return Math.abs(discOf(seen).direction[2])
}

/** A detection at the place where a view shows it. */
export function located(detection: Pick<Detection, 'class' | 'score'>, seen: ViewBox): Detection {
  return { ...detection, box: imageBox(seen.projection, seen.box), seen }
}
