/** Tiny networks with constant outputs, and models folders with them. */
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ElementType, OnnxBuilder } from '../onnx.js'

/** Side of the input in px. */
export const SIDE = 64

/** A tensor of `rest` with single values set by their place. */
export interface Constant {
  dims: number[]
  set: [at: number[], value: number][]
  rest?: number
  type?: ElementType
}

/** A network with these outputs, whatever it sees. */
export function networkOf(outputs: Record<string, Constant>, dims: number[]): Uint8Array {
  const network = new OnnxBuilder()
  network.input('image', dims)
  for (const [name, { dims, set, rest = 0, type }] of Object.entries(outputs)) {
    const data = new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(rest)
    for (const [at, value] of set) data[at.reduce((sum, index, axis) => sum * dims[axis] + index, 0)] = value
    const value = network.floats(data, dims)
    network.output(name, type === 'INT64' ? network.node('Cast', [value], { to: 7 }) : value, type)
  }
  return network.encode()
}

/** The input of a manifest for such a network. */
export const INPUT = {
  tensor: 'image',
  size: { width: SIDE, height: SIDE },
  resize: 'letterbox',
  padding: { value: 114, position: 'end' },
  channels: 'rgb',
  mean: [0, 0, 0],
  std: [255, 255, 255],
}

const IDENTITY = { whole: [1, 0], tiles: [1, 0] }
/** One model's boxes as they are. */
const PROFILE = { name: 'standard', tilings: [], classes: { vehicle: { combine: 'best', final: IDENTITY } } }

/** Writes a model and its manifest into a models folder, with a profile that changes no score. */
export async function install(folder: string, name: string, model: Uint8Array, parts: object): Promise<void> {
  for (const inner of ['manifests', 'profiles']) await mkdir(join(folder, inner), { recursive: true })
  const manifest = {
    ...{ name, title: name, task: 'detect', file: 'net.onnx', licence: 'MIT', origin: 'a test', training: 'none' },
    sha256: createHash('sha256').update(model).digest('hex'),
    ...{ input: INPUT, profiles: { standard: { passes: [{}], calibration: {} } } },
    ...parts,
  }
  await writeFile(join(folder, 'net.onnx'), model)
  await writeFile(join(folder, 'manifests', `${name}.json`), JSON.stringify(manifest))
  await writeFile(join(folder, 'profiles', 'standard.json'), JSON.stringify(PROFILE))
}
