/** The network that outlines the object of a box. */

import type { ObjectClass } from '@obscura/contract/parameters'
import { type InferenceSession, Tensor } from 'onnxruntime-node'
import type { SegmenterManifest } from '../detect/manifest.js'
import { readModel } from '../detect/model-file.js'
import { openSession, type SessionOptions } from '../detect/session.js'
import { requireTensors } from '../detect/tensors.js'
import type { Detection, RegionMask } from '../detection.js'
import { area, grow, type Size } from '../geometry.js'
import type { Raster } from '../image.js'
import { type Window, windowAround, writeCrop } from './crop.js'
import { maskOfRows, pixelCount, type Run, union } from './runs.js'
import { superellipse } from './shape.js'

/** Outlines the objects of boxes. */
export interface MaskNet {
  /** The mask of each detection; undefined where a plain shape is better. */
  outline(raster: Raster, detections: readonly Detection[]): Promise<(RegionMask | undefined)[]>
  close(): Promise<void>
}

/**
 * Crops of one inference: a larger batch is not faster (2.4 ms a crop alone or by eight, one
 * thread) and holds more memory.
 */
const BATCH = 8

/** An outline that covers less than this of its box has most likely missed the object. */
const MIN_COVER = 0.25

/**
 * The ellipse around the middle of a box, with its size as a fraction of the box, always belongs to
 * the object: what the network misses of a body's middle is covered, for little more area
 * (models/weights/mask.md has the figures). Vehicles fill their boxes.
 */
const CORE: Partial<Record<ObjectClass, number>> = { person: 0.9, vehicle: 1.2 }

/**
 * Loads the network that a manifest describes.
 * @throws when the network's file is missing, changed or not an ONNX file
 */
export async function loadMaskNet(manifest: SegmenterManifest, modelsFolder: string, options: SessionOptions): Promise<MaskNet> {
  const session = await openSession(await readModel(manifest, modelsFolder), options)
  requireTensors(manifest, session)
  const { smallest, marker } = manifest.decoder
  return {
    async outline(raster, detections) {
      const masks = new Map<Detection, RegionMask | undefined>()
      const fit = detections.filter(({ class: name, box }) => marker[name] !== undefined && Math.sqrt(area(box)) >= smallest)
      for (let i = 0; i < fit.length; i += BATCH) {
        const batch = fit.slice(i, i + BATCH)
        const outlines = await infer(session, manifest, raster, batch)
        batch.forEach((detection, j) => {
          masks.set(detection, outlines[j])
        })
      }
      return detections.map(detection => masks.get(detection))
    },
    close: () => session.release(),
  }
}

async function infer(session: InferenceSession, manifest: SegmenterManifest, raster: Raster, detections: Detection[]) {
  const { input, decoder } = manifest
  const size = input.size as Size
  const windows = detections.map(detection => windowAround(detection.box, decoder.margin))
  const plane = size.width * size.height
  const crops = new Float32Array(detections.length * 4 * plane)
  detections.forEach((detection, i) => {
    const crop = crops.subarray(i * 4 * plane, (i + 1) * 4 * plane)
    writeCrop(raster, windows[i], size, input, crop)
    markBox(crop.subarray(3 * plane), size.width, decoder.box, decoder.marker[detection.class]!)
  })
  const tensor = new Tensor('float32', crops, [detections.length, 4, size.height, size.width])
  const output = (await session.run({ [input.tensor]: tensor }))[decoder.output]
  const [, , height, width] = output.dims
  const logits = output.data as Float32Array
  return detections.map((detection, i) => {
    const probability = decoder.thresholds[detection.class]!
    const grid = { width, height, values: logits.subarray(i * width * height, (i + 1) * width * height) }
    const mask = maskOfLogits(grid, Math.log(probability / (1 - probability)), windows[i], raster)
    if (pixelCount(mask, detection.box) < MIN_COVER * area(detection.box)) return undefined
    const growth = (CORE[detection.class]! - 1) / 2
    return union(mask, superellipse(grow(detection.box, growth, growth), 2, raster), raster)
  })
}

/**
 * Tells the network where in its window the box is, and by the value of which kind its object is.
 */
function markBox(plane: Float32Array, width: number, box: { from: number; to: number }, value: number): void {
  for (let y = box.from; y < box.to; y++) plane.fill(value, y * width + box.from, y * width + box.to)
}

/** Logits of a window, H x W. */
interface Logits extends Size {
  values: Float32Array
}

/**
 * The pixels of a window, which need not be whole pixels, whose logit, enlarged bilinearly
 * (half-pixel centres), exceeds the threshold. Along a row the enlarged logits are straight between
 * two grid columns, so that runs are found from the crossings and large objects cost no more than
 * small ones.
 */
export function maskOfLogits(logits: Logits, threshold: number, window: Window, size: Size): RegionMask {
  const { width, height, values } = logits
  const line = new Float32Array(width)
  const behind = (position: number) => Math.ceil(position - 0.5)
  return maskOfRows(behind(window.top), behind(window.top + window.height), size, y => {
    const v = Math.min(height - 1, Math.max(0, ((y - window.top + 0.5) * height) / window.height - 0.5))
    const upper = Math.floor(v) * width
    const lower = Math.min(height - 1, Math.floor(v) + 1) * width
    const fraction = v - Math.floor(v)
    for (let i = 0; i < width; i++) line[i] = values[upper + i] * (1 - fraction) + values[lower + i] * fraction - threshold
    return positiveRuns(line, window)
  })
}

/**
 * Runs of image columns where a line of grid values, stretched over the window's width, is
 * positive.
 */
function positiveRuns(line: Float32Array, window: Window): Run[] {
  /** The first column whose centre lies right of grid position u. */
  const columnAfter = (u: number) => Math.ceil(window.left + ((u + 0.5) * window.width) / line.length - 0.5)
  const runs: Run[] = []
  let start = columnAfter(-0.5)
  for (let i = 0; i + 1 < line.length; i++) {
    if (line[i] > 0 === line[i + 1] > 0) continue
    const column = columnAfter(i + line[i] / (line[i] - line[i + 1]))
    if (line[i + 1] > 0) start = column
    else if (column > start) runs.push([start, column])
  }
  if (line[line.length - 1] > 0) runs.push([start, columnAfter(line.length - 0.5)])
  return runs
}
