import type { Tensor } from 'onnxruntime-node'
import type { Box, Size } from '../../geometry.js'
import type { DetectorType, ManifestOf } from '../manifest.js'

/**
 * A mask from a network: a grid of values, row by row, over a frame in px of the input; positive on
 * the pixels of the object.
 */
export interface RawMask extends Size {
  values: Float32Array
  frame: Box
}

/** A box from a network: in px of its input, with its class index and score 0..1. */
export interface RawBox {
  index: number
  score: number
  box: Box
  /** Computes its mask; valid until the network runs again. */
  mask?: () => RawMask
}

/** The output of a network for one input. */
export interface Inference {
  outputs: Readonly<Record<string, Tensor>>
  /** Size of the input in px. */
  input: Size
  /** The class indices to read. */
  indices: readonly number[]
  /** Scores below are dropped. */
  floor: number
}

/** Turns output tensors into boxes, as the manifest's decoder entry describes; no NMS. */
export type Decoder<T extends DetectorType> = (settings: ManifestOf<T>['decoder'], inference: Inference) => RawBox[]

/**
 * The float32 data of an output.
 * @throws Error when the network has no such output, or of another type
 */
export function floats(outputs: Inference['outputs'], name: string): Float32Array {
  const data = outputs[name]?.data
  if (!(data instanceof Float32Array)) throw new Error(`the network has no float32 output "${name}"`)
  return data
}

/**
 * The last sizes of an output, as many as asked for, and its float32 data.
 * @throws Error when the network has no such output, of another type, or of fewer dimensions
 */
export function sized(outputs: Inference['outputs'], name: string, count: number): { data: Float32Array; sizes: number[] } {
  const data = floats(outputs, name)
  const { dims } = outputs[name]
  if (dims.length < count) throw new Error(`the output "${name}" has ${dims.length} dimensions, expected at least ${count}`)
  return { data, sizes: dims.slice(dims.length - count) }
}

/**
 * Refuses class indices of a manifest that the network does not have: other values would be taken
 * for their scores.
 * @throws Error
 */
export function requireClasses(indices: readonly number[], classes: number): void {
  const beyond = indices.find(index => !(index < classes))
  if (beyond !== undefined) throw new Error(`the network has ${classes} classes, counted from 0, and no class ${beyond}`)
}

/**
 * Classes that a network names for its boxes, of whichever type.
 * @throws Error when it has no such output
 */
export function labelsOf(outputs: Inference['outputs'], name: string): (i: number) => number {
  const data = outputs[name]?.data
  if (data === undefined || typeof data === 'string' || !ArrayBuffer.isView(data)) {
    throw new Error(`the network has no numeric output "${name}"`)
  }
  const values = data as unknown as ArrayLike<number | bigint>
  return i => Number(values[i])
}

/**
 * The places at which values reach `floor`, of start, start + step, ... below `end`: all that most
 * decoders do with most cells. A function of its own, because V8 compiles loops in closures again
 * for each inference.
 */
export function reaching(values: Float32Array, floor: number, start = 0, end = values.length, step = 1): number[] {
  const places: number[] = []
  for (let place = start; place < end; place += step) if (values[place] >= floor) places.push(place)
  return places
}
