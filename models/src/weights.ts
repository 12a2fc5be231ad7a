/**
 * Decodes TensorFlow.js weight files: a manifest of names, shapes and types, and shards of plain
 * bytes.
 */
import { count, type Tensor } from './tensor.js'

/**
 * One weight as the manifest lists it (tfjs-core's WeightsManifestEntry, as far as our models need
 * it).
 */
export interface WeightEntry {
  name: string
  shape: number[]
  dtype: string
  /** Stored smaller than it is used: float16 as it stands, uint8 as stored * scale + min. */
  quantization?: { dtype: string; scale?: number; min?: number }
}

/** Weights that lie one after the other in files. */
export interface WeightGroup {
  /** Files whose concatenation holds the group's weights one after the other. */
  paths: string[]
  weights: WeightEntry[]
}

const bytesOf: Record<string, number> = { float32: 4, int32: 4, float16: 2, uint8: 1 }

/**
 * Reads all weights of a manifest.
 * @param readShard gives the bytes of a file of the manifest.
 * @throws Error naming the weight whose type is unknown or whose bytes are missing, or a group with
 * bytes left over.
 */
export function decodeWeights(groups: readonly WeightGroup[], readShard: (path: string) => Uint8Array): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>()
  for (const { paths, weights } of groups) {
    const bytes = Buffer.concat(paths.map(readShard))
    let offset = 0
    for (const entry of weights) {
      const stored = entry.quantization?.dtype ?? entry.dtype
      const length = count(entry.shape) * (bytesOf[stored] ?? Number.NaN)
      if (Number.isNaN(length)) throw new Error(`weight ${entry.name}: type ${stored} is not supported`)
      if (offset + length > bytes.length) throw new Error(`weight ${entry.name}: ${paths.join(', ')} ends too early`)
      tensors.set(entry.name, decode(entry, new DataView(bytes.buffer, bytes.byteOffset + offset, length)))
      offset += length
    }
    if (offset !== bytes.length)
      throw new Error(`${paths.join(', ')}: ${bytes.length - offset} bytes more than the manifest lists`)
  }
  return tensors
}

function decode({ name, shape, dtype, quantization }: WeightEntry, bytes: DataView): Tensor {
  if (dtype !== 'float32' && dtype !== 'int32') throw new Error(`weight ${name}: type ${dtype} is not supported`)
  const data = dtype === 'float32' ? new Float32Array(count(shape)) : new Int32Array(count(shape))
  const { scale = 1, min = 0 } = quantization ?? {}
  const readers: Record<string, (i: number) => number> = {
    float32: i => bytes.getFloat32(4 * i, true),
    int32: i => bytes.getInt32(4 * i, true),
    float16: i => decodeFloat16(bytes.getUint16(2 * i, true)),
    uint8: i => (dtype === 'int32' ? Math.round(bytes.getUint8(i) * scale + min) : bytes.getUint8(i) * scale + min),
  }
  const read = readers[quantization?.dtype ?? dtype]
  for (let i = 0; i < data.length; i++) data[i] = read(i)
  return { shape, data }
}

/** IEEE 754 half precision: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
export function decodeFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  // Subnormal numbers have no implied leading one.
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
}
