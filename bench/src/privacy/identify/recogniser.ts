/**
 * Recognises faces: dlib's face recognition network (dlib_face_recognition_resnet_model_v1, public
 * domain), whose weights @vladmandic/face-api publishes without a graph. An attacker's tool: it
 * belongs to the benchmarks and is never shipped.
 */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import sharp from 'sharp'
import { OnnxBuilder } from '../../../../models/dist/onnx.js'
import type { Tensor as Weight } from '../../../../models/dist/tensor.js'
import { onnxFilter } from '../../../../models/dist/tfjs/window.js'
import { decodeWeights, type WeightGroup } from '../../../../models/dist/weights.js'
import type { Crop } from './crop.js'

/** Side in px of the square images that the network looks at. */
const SIDE = 150

/**
 * Mean colour of the images that the network was trained on, and the range that what is left is
 * scaled by.
 */
const MEAN = [122.782, 117.001, 104.298]
const RANGE = 256

/** The blocks of residual layers in their order; `_down` ones halve the image. */
const BLOCKS = [
  ...['conv32_1', 'conv32_2', 'conv32_3'],
  ...['conv64_down', 'conv64_1', 'conv64_2', 'conv64_3'],
  ...['conv128_down', 'conv128_1', 'conv128_2'],
  ...['conv256_down', 'conv256_1', 'conv256_2', 'conv256_down_out'],
]

/**
 * A face's descriptor: 128 numbers. Two photos of one person are usually nearer than 0.6 (Euclidean
 * distance).
 */
export type Embed = (face: Crop) => Promise<Float32Array>

/**
 * Loads the network from the installed package of the models' folder.
 * @throws Error when the package is not installed there: run `npm ci` in models/.
 */
export async function loadRecogniser(): Promise<Embed> {
  const models = createRequire(new URL('../../../../models/package.json', import.meta.url))
  const manifest = join(
    dirname(models.resolve('@vladmandic/face-api/package.json')),
    'model',
    'face_recognition_model-weights_manifest.json',
  )
  const groups = JSON.parse(await readFile(manifest, 'utf8')) as WeightGroup[]
  const shards = new Map<string, Uint8Array>()
  for (const path of groups.flatMap(({ paths }) => paths)) shards.set(path, await readFile(join(dirname(manifest), path)))
  const session = await InferenceSession.create(buildGraph(decodeWeights(groups, path => shards.get(path)!)), {
    intraOpNumThreads: 1,
  })
  return async ({ width, height, data }) => {
    const pixels = await sharp(data, { raw: { width, height, channels: 3 } })
      .resize(SIDE, SIDE, { fit: 'fill' })
      .raw()
      .toBuffer()
    const input = Float32Array.from({ length: 3 * SIDE * SIDE }, (_, i) => {
      const channel = Math.floor(i / SIDE ** 2)
      return (pixels[3 * (i % SIDE ** 2) + channel] - MEAN[channel]) / RANGE
    })
    const { descriptor } = await session.run({ face: new Tensor('float32', input, [1, 3, SIDE, SIDE]) })
    return descriptor.data as Float32Array
  }
}

/**
 * Input `face`, 1 x 3 x 150 x 150; output `descriptor`, 1 x 128. The graph follows the names of the
 * weights and face-api.js's FaceRecognitionNet (MIT).
 */
function buildGraph(weights: ReadonlyMap<string, Weight>): Uint8Array {
  const onnx = new OnnxBuilder()
  onnx.input('face', [1, 3, SIDE, SIDE])
  const first = onnx.node('Relu', [convolution(onnx, weights, 'face', 'conv32_down', 2)])
  let x = onnx.node('MaxPool', [first], { kernel_shape: [3, 3], strides: [2, 2] })
  for (const name of BLOCKS) x = residual(onnx, weights, x, name)
  const { data, shape } = weights.get('fc')!
  onnx.output(
    'descriptor',
    onnx.node('MatMul', [onnx.node('ReduceMean', [x], { axes: [2, 3], keepdims: 0 }), onnx.floats(data, shape)]),
  )
  return onnx.encode()
}

/**
 * A convolution with its bias and the scale behind it folded into the filter; without padding where
 * it halves the image.
 */
function convolution(onnx: OnnxBuilder, weights: ReadonlyMap<string, Weight>, x: string, name: string, stride: 1 | 2): string {
  const weight = (part: string) => weights.get(`${name}/${part}`)!
  const scale = weight('scale/weights').data
  const filter = onnxFilter(weight('conv/filters'))
  const [outputs, , height, width] = filter.shape
  const area = filter.data.length / outputs
  const scaled = Float32Array.from(filter.data, (value, i) => value * scale[Math.floor(i / area)])
  const offsets = weight('scale/biases').data
  const bias = Float32Array.from(weight('conv/bias').data, (value, i) => value * scale[i] + offsets[i])
  const pad = stride === 1 ? Math.floor(height / 2) : 0
  return onnx.node('Conv', [x, onnx.floats(scaled, filter.shape), onnx.floats(bias, [outputs])], {
    kernel_shape: [height, width],
    strides: [stride, stride],
    pads: [pad, pad, pad, pad],
  })
}

/**
 * Two convolutions, and what went into them added to the result: halved and with empty channels
 * appended where the block does so.
 */
function residual(onnx: OnnxBuilder, weights: ReadonlyMap<string, Weight>, x: string, name: string): string {
  const down = name.includes('_down')
  const middle = onnx.node('Relu', [convolution(onnx, weights, x, `${name}/conv1`, down ? 2 : 1)])
  const result = convolution(onnx, weights, middle, `${name}/conv2`, 1)
  if (!down) return onnx.node('Relu', [onnx.node('Add', [result, x])])

  const inputs = weights.get(`${name}/conv1/conv/filters`)!.shape[2]
  const outputs = weights.get(`${name}/conv1/conv/filters`)!.shape[3]
  const pooled = onnx.node('AveragePool', [x], { kernel_shape: [2, 2], strides: [2, 2] })
  const widened = onnx.node('Pad', [pooled, onnx.integers([0, 0, 0, 0, 0, outputs - inputs, 0, 0])])
  // From an even side the convolution without padding makes one less than the pooling: an empty row
  // and column are appended.
  const missing = SHORT.has(name) ? 1 : 0
  const padded = onnx.node('Pad', [result, onnx.integers([0, 0, 0, 0, 0, 0, missing, missing])])
  return onnx.node('Relu', [onnx.node('Add', [padded, widened])])
}

/** The halving blocks whose input has an even side: 8 and 4 px. */
const SHORT = new Set(['conv256_down', 'conv256_down_out'])
