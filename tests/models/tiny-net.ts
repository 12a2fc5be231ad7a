/** A network that always sees the same vehicle: YOLOX's layout, 64 x 64 px. */
import { OnnxBuilder } from '../../models/src/onnx.js'
import { field, numberField } from '../../packages/engine/src/detect/onnx-fields.js'

const SIDE = 64
const STRIDE = 8
const COLUMNS = 85
/** Cells of the strides 8, 16 and 32. */
const ROWS = 8 * 8 + 4 * 4 + 2 * 2
const CAR = 2

/** Where it sees it, as fractions of the side: left, top, right, bottom. */
export const VEHICLE = [12 / SIDE, 12 / SIDE, 44 / SIDE, 44 / SIDE] as const
/** With which raw score. */
export const SCORE = 0.81

export function tinyNet(): Uint8Array {
  const rows = new Float32Array(ROWS * COLUMNS)
  const [cell, size] = [3, 32]
  const row = (cell * (SIDE / STRIDE) + cell) * COLUMNS
  rows.set([0.5, 0.5, Math.log(size / STRIDE), Math.log(size / STRIDE), 0.9], row)
  rows[row + 5 + CAR] = SCORE / 0.9
  const net = new OnnxBuilder()
  net.input('images', [1, 3, SIDE, SIDE])
  const nothing = net.node('Mul', [net.node('ReduceMean', ['images'], { keepdims: 0 }), net.floats([0])])
  net.output('output', net.node('Add', [net.floats(rows, [1, ROWS, COLUMNS]), nothing]))
  return net.encode()
}

/**
 * A network with one more weight, which lies in another file. A protocol buffer may have its parts
 * one after another; field numbers are onnx.proto's.
 */
export function withExternalData(network: Uint8Array): Uint8Array {
  const location = field(13, [field(1, 'location'), field(2, 'weights.data')])
  const weight = [numberField(1, 1), numberField(2, 1), field(8, 'weight'), location, numberField(14, 1)]
  return Buffer.concat([network, field(7, [field(5, weight)])])
}
