/**
 * The face detector of face-api.js: TensorFlow's SSD MobileNetV1 with one class, published as
 * weights without a graph. The graph below follows the names of its weights and the network's paper
 * (https://arxiv.org/abs/1704.04861, table 1).
 */
import { OnnxBuilder } from './onnx.js'
import type { Tensor } from './tensor.js'
import { onnxDepthwiseFilter, onnxFilter } from './tfjs/window.js'

/** Depthwise layers 1..13 and extra layers 0..7 that halve the image. */
const halvingDepthwise = new Set([2, 4, 6, 12])
const halvingExtra = new Set([1, 3, 5, 7])
/** Epsilon of the batch normalisation, as face-api.js has it (the float32 nearest to 0.001). */
const epsilon = 0.0010000000474974513

/**
 * Builds the model. Input: `tensor`, 1 x 3 x H x W, RGB from -1 to 1, sides a multiple of 512 px.
 * Outputs over levels of stride 16 to 512, rows, columns and anchors: `box`, 1 x N x 4 offsets (y,
 * x, height, width), and `cls`, 1 x N x 3 logits of which the second is "face".
 * @throws Error for a weight that is missing.
 */
export function buildFaceDetector(weights: ReadonlyMap<string, Tensor>, tensor: string): Uint8Array {
  const onnx = new OnnxBuilder()
  onnx.input(tensor, [1, 3, 'height', 'width'])
  const { convolve, depthwise } = layers(onnx, weights)

  const features: string[] = []
  let x = convolve(tensor, 'MobilenetV1/Conv2d_0_pointwise', 2)
  for (let layer = 1; layer <= 13; layer++) {
    x = depthwise(x, `MobilenetV1/Conv2d_${layer}_depthwise`, halvingDepthwise.has(layer) ? 2 : 1)
    x = convolve(x, `MobilenetV1/Conv2d_${layer}_pointwise`, 1)
    if (layer === 11 || layer === 13) features.push(x)
  }
  for (let layer = 0; layer <= 7; layer++) {
    x = convolve(x, `Prediction/Conv2d_${layer}_pointwise`, halvingExtra.has(layer) ? 2 : 1)
    if (halvingExtra.has(layer)) features.push(x)
  }
  predict(onnx, weights, features, 'BoxEncodingPredictor', 4, 'box')
  predict(onnx, weights, features, 'ClassPredictor', 3, 'cls')
  return onnx.encode()
}

function weight(weights: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const found = weights.get(name)
  if (found === undefined) throw new Error(`no such weight: ${name}`)
  return found
}

/** The two kinds of layers, both followed by ReLU6. */
function layers(onnx: OnnxBuilder, weights: ReadonlyMap<string, Tensor>) {
  const [zero, six] = [onnx.floats([0]), onnx.floats([6])]
  const activate = (x: string) => onnx.node('Clip', [x, zero, six])
  return {
    /** Convolution over all channels; its batch normalisation lies in the weights already. */
    convolve(x: string, name: string, stride: number): string {
      const bias = weight(weights, `${name}/convolution_bn_offset`)
      return activate(convolution(onnx, x, onnxFilter(weight(weights, `${name}/weights`)), bias.data, stride, 1))
    },
    depthwise(x: string, name: string, stride: number): string {
      const { filter, bias } = normalise(onnxDepthwiseFilter(weight(weights, `${name}/depthwise_weights`)), kind =>
        weight(weights, `${name}/BatchNorm/${kind}`),
      )
      return activate(convolution(onnx, x, filter, bias, stride, filter.shape[0]))
    },
  }
}

/**
 * Folds a batch normalisation into the filter before it: scale = gamma / sqrt(variance + epsilon),
 * bias = beta - mean * scale.
 */
function normalise(filter: Tensor, statistic: (kind: string) => Tensor): { filter: Tensor; bias: Float32Array } {
  const [gamma, beta, mean, variance] = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map(kind => statistic(kind).data)
  const scale = Float32Array.from(gamma, (value, channel) => value / Math.sqrt(variance[channel] + epsilon))
  const area = filter.data.length / filter.shape[0]
  return {
    filter: { shape: filter.shape, data: Float32Array.from(filter.data, (value, i) => value * scale[Math.floor(i / area)]) },
    bias: Float32Array.from(beta, (value, channel) => value - mean[channel] * scale[channel]),
  }
}

/** Pads as TensorFlow's SAME does for sides that the stride divides: the odd pixel at the end. */
function convolution(
  onnx: OnnxBuilder,
  x: string,
  filter: Tensor,
  bias: ArrayLike<number>,
  stride: number,
  group: number,
): string {
  const [outputs, , height, width] = filter.shape
  const pad = Math.max(height - stride, 0)
  const [before, after] = [Math.floor(pad / 2), Math.ceil(pad / 2)]
  return onnx.node('Conv', [x, onnx.floats(filter.data, filter.shape), onnx.floats(bias, [outputs])], {
    kernel_shape: [height, width],
    strides: [stride, stride],
    pads: [before, before, after, after],
    group,
  })
}

/**
 * One 1 x 1 convolution a level; results are listed by row, column and anchor, `size` numbers each.
 */
function predict(
  onnx: OnnxBuilder,
  weights: ReadonlyMap<string, Tensor>,
  features: string[],
  predictor: string,
  size: number,
  output: string,
): void {
  const shape = onnx.integers([1, -1, size])
  const levels = features.map((x, level) => {
    const name = `Prediction/BoxPredictor_${level}/${predictor}`
    const filter = onnxFilter(weight(weights, `${name}/weights`))
    const map = convolution(onnx, x, filter, weight(weights, `${name}/biases`).data, 1, 1)
    return onnx.node('Reshape', [onnx.node('Transpose', [map], { perm: [0, 2, 3, 1] }), shape])
  })
  onnx.output(output, onnx.node('Concat', levels, { axis: 1 }))
}
