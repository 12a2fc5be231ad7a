/**
 * The input as bytes: what JavaScript would convert to floats, sample by sample, becomes part of
 * the first convolution.
 */
import type { Manifest } from '@obscura/engine/manifest'
import protocol from 'onnx-proto'
import { addConstant, consumers, floatsOf, type Graph, makeNode } from './graph.js'

const { TensorProto, ValueInfoProto } = protocol.onnx

/**
 * Replaces the input 1 x 3 x H x W of normalised samples by one 1 x H x W x 4 of RGBX bytes. Mean,
 * deviation and order of the channels move into the first convolution; X has no weight (three
 * channels would take a path in ONNX Runtime that is twice as slow). Beyond the border a
 * convolution sees 0 after subtracting the mean: the zero point is the mean of the three means.
 * @throws Error when anything but one convolution reads the input
 */
export function takeBytes(graph: Graph, { mean, std, channels }: Manifest['input']): void {
  const input = graph.input.name!
  const [conv, ...others] = consumers(graph).get(input) ?? []
  if (conv?.opType !== 'Conv' || others.length > 0) throw new Error(`the input ${input} must be read by one convolution alone`)
  const zero = Math.round((mean[0] + mean[1] + mean[2]) / 3)
  const { data, shape } = floatsOf(graph, conv.input[1])!
  const [filters, , height, width] = shape
  const area = height * width
  const weights = new Float32Array(filters * 4 * area)
  const bias = conv.input[2] ? floatsOf(graph, conv.input[2])!.data.slice() : new Float32Array(filters)
  for (let filter = 0; filter < filters; filter++) {
    for (let channel = 0; channel < 3; channel++) {
      const to = (filter * 4 + (channels === 'bgr' ? 2 - channel : channel)) * area
      for (let i = 0; i < area; i++) {
        const weight = data[(filter * 3 + channel) * area + i] / std[channel]
        weights[to + i] = weight
        bias[filter] += weight * (zero - mean[channel])
      }
    }
  }
  conv.input = [
    `${input}.samples`,
    addConstant(graph, `${input}.weights`, 'float', weights, [filters, 4, height, width]),
    addConstant(graph, `${input}.bias`, 'float', bias, [filters]),
  ]
  const [, , rows, columns] = graph.input.type!.tensorType!.shape!.dim!
  const dim = [{ dimValue: 1 }, rows, columns, { dimValue: 4 }]
  graph.input = ValueInfoProto.create({
    name: input,
    type: { tensorType: { elemType: TensorProto.DataType.UINT8, shape: { dim } } },
  })
  const scale = addConstant(graph, `${input}.scale`, 'float', Float32Array.of(1))
  const point = addConstant(graph, `${input}.zero`, 'uint8', Uint8Array.of(zero))
  graph.nodes.unshift(
    makeNode('Transpose', [input], `${input}.planes`, { perm: [0, 3, 1, 2] }),
    makeNode('DequantizeLinear', [`${input}.planes`, scale, point], `${input}.samples`),
  )
}
