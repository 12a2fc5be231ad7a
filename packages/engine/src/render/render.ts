import type { EngineParameters, Method, RegionClass } from '@obscura/contract/parameters'
import type { Region } from '../detection.js'
import { area, type Box, clip } from '../geometry.js'
import type { Pixels } from '../image.js'
import { averageCells, levelColours, mosaic, type PaintRow, perturb, smooth } from './cells.js'
import { type Coverage, coverageOf, gradientOf } from './coverage.js'
import { gaussian } from './gaussian.js'
import { cellSize, kernelOf, sigmaOf, smallestCell } from './kernel.js'
import { type PaintFlat, partsOnSphere } from './on-sphere.js'

/** Options of rendering. */
export interface RenderOptions {
  /**
   * Disables the steps that make blur and pixelation irreversible: blur becomes a plain Gaussian of
   * the kernel size, which can be undone, and the cells of pixelate follow the kernel size alone,
   * without noise.
   */
  reversible?: boolean
  /** Called for everything that is painted: columns from..to (exclusive) of an image row. */
  onPaint?: (y: number, from: number, to: number) => void
}

/**
 * Standard deviation of the noise on a cell's lightness, in fractions of the sample range. Plates
 * need more: all but their characters is easily guessed.
 */
const NOISE: Record<RegionClass, number> = { face: 0.04, person: 0.04, license_plate: 0.15, vehicle: 0.04, area: 0.15 }

/**
 * Anonymizes the regions in place, by the parameters' method (`detect` does nothing). Nothing
 * outside the regions and their gradients changes, nor any pixel inside an ignore area unless it
 * belongs to a region that is always anonymized. Alpha can show an image of its own: where a
 * region is painted, it becomes its mean there.
 *
 * Regions are rendered one after the other, large ones first, each from what the ones before left.
 * So a pixel that any region covers fully keeps nothing of the original, whatever gradients are
 * laid over it later.
 */
export function render(
  pixels: Pixels,
  regions: readonly Region[],
  parameters: EngineParameters,
  options: RenderOptions = {},
): void {
  if (parameters.anonymization_method === 'detect') return
  const anonymized = regions.filter(region => region.mask.runs.length > 0)
  for (const region of anonymized.sort((a, b) => trueArea(b) - trueArea(a))) {
    for (const { coverage, layer } of partsOf(region, pixels, parameters, options))
      paint(pixels, coverage, layer, options.onPaint)
  }
}

/** Area in px of the box in which the object is seen undistorted. */
function trueArea({ box, seen }: Region): number {
  return area(seen?.box ?? box)
}

/** How a region is anonymized: by its own method or that of the task. */
function methodOf({ method }: Region, parameters: EngineParameters): Method {
  return method ?? parameters.anonymization_method
}

/** What is painted where over a region. */
function partsOf(region: Region, pixels: Pixels, parameters: EngineParameters, options: RenderOptions) {
  const ignores = region.always ? [] : parameters.ignores
  const gradient = methodOf(region, parameters) === 'blacken' ? undefined : gradientOf(region, parameters)
  const paintFlat: PaintFlat = (flat, rect, pixels) => layerOf(flat, rect, pixels, parameters, options)
  if (region.seen) return partsOnSphere(region, gradient, pixels, ignores, paintFlat)
  const coverage = coverageOf(region, gradient, pixels, ignores)
  return [{ coverage, layer: paintFlat(region, coverage.rect, pixels) }]
}

/** What is painted over a region. */
function layerOf(
  region: Region,
  rect: Box,
  pixels: Pixels,
  parameters: EngineParameters,
  { reversible = false }: RenderOptions,
): PaintRow {
  const method = methodOf(region, parameters)
  if (method === 'blacken') return (_y, _from, _to, row) => row.fill(0)
  const sigma = sigmaOf(kernelOf(region.class, region.box, parameters))
  const smoothed = method === 'blur'
  if (smoothed && reversible) return gaussian(pixels, rect, sigma)

  const side = Math.max(cellSize(sigma, smoothed), reversible ? 1 : smallestCell(region.class, region.box))
  const cells = averageCells(pixels, atLeast(rect, side, pixels), side)
  const maximum = pixels.data instanceof Uint16Array ? 65535 : 255
  if (!reversible) {
    if (region.class === 'license_plate') levelColours(cells)
    perturb(cells, NOISE[region.class] * maximum, maximum)
  }
  return smoothed ? smooth(cells) : mosaic(cells)
}

/**
 * A rectangle widened around its centre to at least one cell, as far as the image goes: a tiny
 * region is averaged with its surroundings.
 */
function atLeast([left, top, right, bottom]: Box, side: number, pixels: Pixels): Box {
  const dx = Math.max(0, Math.ceil((side - (right - left)) / 2))
  const dy = Math.max(0, Math.ceil((side - (bottom - top)) / 2))
  return clip([left - dx, top - dy, right + dx, bottom + dy], pixels)
}

/** Blends a layer over the pixels by the coverage's weights. */
function paint(
  { data, width, channels }: Pixels,
  { rect, writeRow }: Coverage,
  layer: PaintRow,
  onPaint: RenderOptions['onPaint'],
): void {
  const [left, top, right, bottom] = rect
  if (channels === 4) levelAlpha({ data, width }, { rect, writeRow })
  const weights = new Float32Array(right - left)
  const row = new Float32Array(3 * weights.length)
  for (let y = top; y < bottom; y++) {
    writeRow(y, weights)
    let first = 0
    let last = weights.length
    while (first < last && weights[first] === 0) first++
    while (last > first && weights[last - 1] === 0) last--
    if (first === last) continue
    onPaint?.(y, left + first, left + last)
    layer(y, left + first, left + last, row)
    let sample = (y * width + left + first) * channels
    for (let i = first, colour = 0; i < last; i++, colour += 3, sample += channels) {
      const weight = weights[i]
      if (weight === 0) continue
      // Storing cuts the fraction off: half a step more rounds. Math.round takes several times as
      // long.
      if (weight === 1) {
        data[sample] = row[colour] + 0.5
        data[sample + 1] = row[colour + 1] + 0.5
        data[sample + 2] = row[colour + 2] + 0.5
        continue
      }
      const rest = 1 - weight
      data[sample] = weight * row[colour] + rest * data[sample] + 0.5
      data[sample + 1] = weight * row[colour + 1] + rest * data[sample + 1] + 0.5
      data[sample + 2] = weight * row[colour + 2] + rest * data[sample + 2] + 0.5
    }
  }
}

/** Blends the mean of alpha over it, by the coverage's weights. */
function levelAlpha({ data, width }: Pick<Pixels, 'data' | 'width'>, { rect, writeRow }: Coverage): void {
  const [left, top, right, bottom] = rect
  const weights = new Float32Array(right - left)
  const forEachAlpha = (visit: (at: number, weight: number) => void) => {
    for (let y = top; y < bottom; y++) {
      writeRow(y, weights)
      for (const [i, weight] of weights.entries()) if (weight > 0) visit((y * width + left + i) * 4 + 3, weight)
    }
  }
  let sum = 0
  let total = 0
  forEachAlpha((at, weight) => {
    sum += weight * data[at]
    total += weight
  })
  const mean = sum / total
  forEachAlpha((at, weight) => {
    data[at] = Math.round(weight * mean + (1 - weight) * data[at])
  })
}
