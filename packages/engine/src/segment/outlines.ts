/** The pixels of masks that detecting networks gave. */
import type { Outline, RegionMask } from '../detection.js'
import type { Size } from '../geometry.js'
import type { Window } from './crop.js'
import { maskOfLogits } from './masknet.js'
import { projectedBack } from './on-sphere.js'
import { union } from './runs.js'
import { roundOut } from './shape.js'

/** All pixels of an image that the outlines of one object cover. */
export function maskOfOutlines([first, ...others]: readonly Outline[], image: Size): RegionMask {
  return others.reduce((mask, outline) => union(mask, maskOfOutline(outline, image), image), maskOfOutline(first, image))
}

function maskOfOutline(outline: Outline, image: Size): RegionMask {
  const { frame, projection } = outline
  if (!projection) return maskOfLogits(outline, 0, windowOf(frame), image)
  const [left, top, right, bottom] = roundOut(frame)
  const window = windowOf([frame[0] - left, frame[1] - top, frame[2] - left, frame[3] - top])
  return projectedBack(maskOfLogits(outline, 0, window, { width: right - left, height: bottom - top }), projection, [left, top])
}

function windowOf([x1, y1, x2, y2]: Outline['frame']): Window {
  return { left: x1, top: y1, width: x2 - x1, height: y2 - y1 }
}
