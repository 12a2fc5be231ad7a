/** Where a region is rendered, and how much: 1 inside, falling to 0 over a gradient. */

import type { EngineParameters } from '@obscura/contract/parameters'
import type { Region, RegionMask, Shape } from '../detection.js'
import { type Box, clip, grow, type Size } from '../geometry.js'
import { ignoredRuns, runsOfRow } from '../segment/runs.js'
import { faceRadius, roundOut } from '../segment/shape.js'

/** How much each pixel is anonymized. */
export interface Coverage {
  /** Everything that may be rendered lies in this rectangle of whole pixels inside the image. */
  rect: Box
  /** Writes the weights 0..1 of an image row of the rectangle, the first for its left column. */
  writeRow(y: number, weights: Float32Array): void
}

/**
 * Rendering starts at a box (1 + start) times as large as the object's and is full inside one (1 -
 * stop) times as large.
 */
export interface Gradient {
  start: number
  stop: number
}

/** The API's gradients: faces and plates have one, unless somebody has drawn their outline. */
export function gradientOf({ class: name, shape }: Region, parameters: EngineParameters): Gradient | undefined {
  if ((name !== 'face' && name !== 'license_plate') || shape === 'outline') return undefined
  return {
    start: parameters[`${name}_anonymization_gradient_start`],
    stop: parameters[`${name}_anonymization_gradient_stop`],
  }
}

/** The coverage of a region, 0 in the ignore areas; without a gradient that is exactly its mask. */
export function coverageOf(
  region: Region,
  gradient: Gradient | undefined,
  size: Size,
  ignores: EngineParameters['ignores'],
): Coverage {
  const coverage = gradient === undefined ? coverageOfMask(region.mask) : coverageOfGradient(region, gradient, size)
  if (ignores.length === 0) return coverage
  return {
    rect: coverage.rect,
    writeRow(y, weights) {
      coverage.writeRow(y, weights)
      for (const [start, end] of ignoredRuns(ignores, y)) fillRun(weights, 0, start, end, coverage.rect[0])
    },
  }
}

function coverageOfMask(mask: RegionMask): Coverage {
  let left = Number.POSITIVE_INFINITY
  let right = 0
  for (let i = 0; i < mask.runs.length; i += 2) {
    left = Math.min(left, mask.runs[i])
    right = Math.max(right, mask.runs[i + 1])
  }
  return {
    rect: [left, mask.top, right, mask.bottom],
    writeRow(y, weights) {
      weights.fill(0)
      for (const [start, end] of runsOfRow(mask, y)) fillRun(weights, 1, start, end, left)
    },
  }
}

function coverageOfGradient({ box, shape, mask }: Region, gradient: Gradient, size: Size): Coverage {
  const rect = clip(roundOut(reachOf(box, shape, gradient)), size)
  const weigh = falloff(box, shape, gradient)
  return {
    rect,
    writeRow(y, weights) {
      for (let i = 0; i < rect[2] - rect[0]; i++) weights[i] = weigh(rect[0] + i + 0.5, y + 0.5)
      if (gradient.stop === 0) for (const [from, to] of runsOfRow(mask, y)) fillRun(weights, 1, from, to, rect[0])
    },
  }
}

/** Beyond this box a gradient is 0. */
export function reachOf(box: Box, shape: Shape, { start }: Gradient): Box {
  return grow(shape === 'rectangle' ? roundOut(box) : box, start / 2, start / 2)
}

/**
 * The weight of a point by its distance from the box's centre, measured in half sides of the box (1
 * on its edge; for a superellipse along the radius, for a rectangle along the larger of both axes):
 * 1 up to 1 - stop, 0 from 1 + start, linear between. With stop 0 every pixel of the mask weighs 1.
 */
export function falloff(box: Box, shape: Shape, { start, stop }: Gradient): (x: number, y: number) => number {
  const [x1, y1, x2, y2] = shape === 'rectangle' ? roundOut(box) : box
  const centreX = (x1 + x2) / 2
  const centreY = (y1 + y2) / 2
  const halfX = (x2 - x1) / 2
  const halfY = (y2 - y1) / 2
  const outer = 1 + start
  const inner = 1 - stop
  return (x, y) => {
    const horizontal = Math.abs(x - centreX) / halfX
    const vertical = Math.abs(y - centreY) / halfY
    const distance = shape === 'superellipse' ? faceRadius(horizontal, vertical) : Math.max(horizontal, vertical)
    return distance <= inner ? 1 : distance >= outer ? 0 : (outer - distance) / (outer - inner)
  }
}

/** Fills the image columns start..end of a row of weights that begins at column `left`. */
export function fillRun(weights: Float32Array, value: number, start: number, end: number, left: number): void {
  weights.fill(value, Math.max(0, start - left), Math.max(0, end - left))
}
