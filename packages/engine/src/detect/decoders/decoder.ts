import type { Tensor } from 'onnxruntime-node'
import type { Box, Size } from '../../geometry.js'
import type { DecoderType, ManifestOf } from '../manifest.js'

export type DetectorType = Exclude<DecoderType, 'mask'>

/** A box from a network: in px of its input, with its class index and score 0..1. */
export interface RawBox {
  index: number
  score: number
  box: Box
}

/** The output of a network for one input. */
export interface Answer {
  outputs: Readonly<Record<string, Tensor>>
  /** Size of the input in px. */
  input: Size
  /** The class indices to read. */
  indices: readonly number[]
  /** Scores below are dropped. */
  floor: number
}

/** Turns output tensors into boxes, as the manifest's decoder entry describes; no NMS. */
export type Decoder<T extends DetectorType> = (settings: ManifestOf<T>['decoder'], answer: Answer) => RawBox[]

/**
 * The float32 data of an output.
 * @throws Error when the network has no such output, or of another type
 */
export function floats(outputs: Answer['outputs'], name: string): Float32Array {
  const data = outputs[name]?.data
  if (!(data instanceof Float32Array)) throw new Error(`the network has no float32 output "${name}"`)
  return data
}
