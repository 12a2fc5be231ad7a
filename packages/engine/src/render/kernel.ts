/**
 * How strong blur and pixelate are: kernel sizes as the API gives them, the cells that follow from
 * them, and the floor under both.
 */

import type { EngineParameters, RegionClass } from '@obscura/contract/parameters'
import type { Box } from '../geometry.js'

/**
 * Side of the blur's kernel in px, odd and at least 3.
 * @param value up to 1 a fraction of the box's longer side, above 1 pixels.
 */
export function kernelSize(value: number, box: Box): number {
  const pixels = value <= 1 ? value * longerSide(box) : value
  return Math.max(3, 2 * Math.floor(Math.ceil(pixels - ROUNDING) / 2) + 1)
}

/** Keeps products such as 0.07 * 100 = 7.000000000000001 from being rounded up. */
const ROUNDING = 1e-9

/**
 * Standard deviation in px of the Gaussian that a kernel size stands for (OpenCV's rule,
 * getGaussianKernel).
 */
export function sigmaOf(kernel: number): number {
  return 0.3 * ((kernel - 1) / 2 - 1) + 0.8
}

/** The kernel size of each class in the API; an area, which may hold a text, has that of plates. */
export function kernelOf(name: RegionClass, box: Box, parameters: EngineParameters): number {
  return kernelSize(parameters[`kernel_size_${name === 'area' ? 'license_plate' : name}`], box)
}

/**
 * Side in px of the cells that carry the same blur as a Gaussian: a square of side c has variance
 * c^2 / 12, smoothed by a cubic B-spline (c^2 / 3 more) 5 c^2 / 12.
 */
export function cellSize(sigma: number, smoothed: boolean): number {
  return sigma * Math.sqrt(smoothed ? 12 / 5 : 12)
}

/**
 * Least side in px of a cell, whatever the kernel size: what remains of an object must not identify
 * it. About 6 cells across a face, 3 over the height of a plate; 16 along a person or vehicle leave
 * 2 for the head of someone standing, 1 for the height of a plate.
 */
export function smallestCell(name: RegionClass, box: Box): number {
  const { side, cells } = FLOORS[name]
  return Math.max(MIN_CELL, (side === 'longer' ? longerSide(box) : shorterSide(box)) / cells)
}

/**
 * The longer side is the safer measure: it stays when the image's edge cuts an object in two. A
 * plate's characters are as high as the plate; an area may be a house number.
 */
const FLOORS: Record<RegionClass, { side: 'longer' | 'shorter'; cells: number }> = {
  face: { side: 'longer', cells: 8 },
  license_plate: { side: 'shorter', cells: 3 },
  person: { side: 'longer', cells: 16 },
  vehicle: { side: 'longer', cells: 16 },
  area: { side: 'shorter', cells: 3 },
}

/** A cell never holds fewer than 3 x 3 px. */
const MIN_CELL = 3

function longerSide(box: Box): number {
  return Math.max(box[2] - box[0], box[3] - box[1])
}

function shorterSide(box: Box): number {
  return Math.min(box[2] - box[0], box[3] - box[1])
}
