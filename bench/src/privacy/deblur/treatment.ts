/** The ways an object can be anonymized that the attacks are tried on. */
import {
  type Box,
  clip,
  DEFAULT_PARAMETERS,
  type EngineParameters,
  grow,
  type Method,
  type ObjectClass,
  type Pixels,
} from '@obscura/engine'
import { cellSize, kernelOf, render, segment, sigmaOf, smallestCell } from '@obscura/engine/internals'
import type { Sample } from './objects.js'

/** A way of anonymizing an object. */
export interface Treatment {
  name: string
  method: Method
  reversible: boolean
  /** Kernel size in place of the API's default. */
  kernel?: number
}

/** A fraction of the object's longer side that blurs visibly and weakly. */
const WEAK = 0.1

export const TREATMENTS: readonly Treatment[] = [
  { name: `plain Gaussian, kernel ${WEAK}`, method: 'blur', reversible: true, kernel: WEAK },
  { name: 'plain Gaussian, default kernel', method: 'blur', reversible: true },
  { name: `blur, kernel ${WEAK}`, method: 'blur', reversible: false, kernel: WEAK },
  { name: 'blur (default)', method: 'blur', reversible: false },
  { name: 'pixelate', method: 'pixelate', reversible: false },
  { name: 'blacken', method: 'blacken', reversible: false },
]

/** An anonymized object, with what an attacker can know. */
export interface Published {
  pixels: Pixels
  /** What was taken for the object's box: whole pixels inside the image. */
  region: Box
  /**
   * The standard deviation in px of all that blurs in it, as anyone can compute it from this
   * program.
   */
  sigma: number
}

/** Detected boxes are a little larger than labelled ones. */
const GROWTH = 0.1

/**
 * An object as it is published; the pixels of the sample are not changed.
 * @param plain a rectangle without gradient, so that all of the box is anonymized alike, in place
 * of the class's shape and default gradient.
 */
export async function anonymized(
  { pixels, box }: Sample,
  name: ObjectClass,
  treatment: Treatment,
  plain: boolean,
): Promise<Published> {
  const region = roundOut(clip(grow(box, GROWTH, GROWTH), pixels))
  const parameters: EngineParameters = {
    ...DEFAULT_PARAMETERS,
    anonymization_method: treatment.method,
    ...(plain && { face_anonymization_gradient_start: 0, license_plate_anonymization_gradient_start: 0 }),
    ...(treatment.kernel && { [`kernel_size_${name}`]: treatment.kernel }),
  }
  const copy: Pixels = { ...pixels, data: pixels.data.slice() }
  const raster = { ...pixels, data: pixels.data as Uint8Array }
  const regions = await segment(raster, [{ class: name, score: 1, box: region }], { bbox: plain, ignores: [] })
  render(copy, regions, parameters, treatment)
  return { pixels: copy, region, sigma: knownSigma(region, name, parameters, treatment) }
}

function roundOut([x1, y1, x2, y2]: Box): Box {
  return [Math.floor(x1), Math.floor(y1), Math.ceil(x2), Math.ceil(y2)]
}

function knownSigma(box: Box, name: ObjectClass, parameters: EngineParameters, { method, reversible }: Treatment): number {
  const sigma = sigmaOf(kernelOf(name, box, parameters))
  if (reversible) return sigma
  return sigma * Math.max(1, smallestCell(name, box) / cellSize(sigma, method === 'blur'))
}
