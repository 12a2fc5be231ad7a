/** Small graphs, written by hand, run in onnxruntime after the conversion. */
import protocol from 'onnx-proto'
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import type { Tensor } from '../tensor.js'
import { convertGraph, type GraphCut } from './convert.js'
import type { GraphModel } from './graph.js'

type Node = GraphModel['modelTopology']['node'][number]

const text = (word: string) => ({ s: Buffer.from(word).toString('base64') })
const list = (...numbers: number[]) => ({ list: { i: numbers.map(String) } })
const constant = (name: string): Node => ({ name, op: 'Const' })

function convert(nodes: Node[], weights: Record<string, Tensor>, shape: number[], cut: Partial<GraphCut> = {}): Uint8Array {
  const model: GraphModel = { modelTopology: { node: [{ name: 'image', op: 'Placeholder' }, ...nodes] }, weightsManifest: [] }
  const input = { node: 'image', shape, layout: 'NHWC' as const }
  return convertGraph(model, new Map(Object.entries(weights)), 'input', {
    input,
    outputs: { out: nodes.at(-1)!.name },
    free: false,
    ...cut,
  })
}

/** Runs a model on 0, 1, 2, ... */
async function run(model: Uint8Array, dims: number[]): Promise<{ dims: readonly number[]; data: number[] }> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 })
  const image = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => i)
  const { out } = await session.run({ input: new OrtTensor('float32', image, dims) })
  return { dims: out.dims, data: Array.from(out.data as Float32Array) }
}

const ops = (model: Uint8Array) => protocol.onnx.ModelProto.decode(model).graph!.node!.map(node => node.opType)

describe('windows', () => {
  const sum: Tensor = { shape: [3, 3, 1, 1], data: new Float32Array(9).fill(1) }
  const convolve = (padding: string, stride: number): Node => ({
    name: 'conv',
    op: 'Conv2D',
    input: ['image', 'filter'],
    attr: { padding: text(padding), data_format: text('NHWC'), strides: list(1, stride, stride, 1) },
  })

  it.each([
    // The image is 0 1 2 3 / 4 5 6 7 / 8 9 10 11: three rows are padded at both ends, four columns
    // only on the right.
    ['SAME', 2, [1, 2, 2, 1], [0 + 1 + 2 + 4 + 5 + 6, 2 + 3 + 6 + 7, 4 + 5 + 6 + 8 + 9 + 10, 6 + 7 + 10 + 11]],
    ['VALID', 1, [1, 1, 2, 1], [45, 54]],
  ])('%s with stride %i', async (padding, stride, dims, data) => {
    const model = convert([constant('filter'), convolve(padding as string, stride as number)], { filter: sum }, [1, 3, 4, 1])
    expect(await run(model, [1, 1, 3, 4])).toEqual({ dims, data })
  })

  it('depthwise filters apply to their own channel, multiplier by multiplier', async () => {
    const node = { ...convolve('VALID', 1), op: 'DepthwiseConv2dNative' }
    const filter = { shape: [1, 1, 2, 2], data: Float32Array.of(1, 10, 100, 1000) }
    const model = convert([constant('filter'), node], { filter }, [1, 1, 1, 2])
    expect((await run(model, [1, 2, 1, 1])).data).toEqual([0, 0, 100, 1000])
  })

  it('refuses features that our models do not use', () => {
    const node = convolve('EXPLICIT', 1)
    expect(() => convert([constant('filter'), node], { filter: sum }, [1, 3, 4, 1])).toThrow(
      'node conv (Conv2D): padding EXPLICIT is not supported',
    )
  })
})

describe('layout', () => {
  const transpose = (name: string, input: string, order: string): Node => ({ name, op: 'Transpose', input: [input, order] })
  const orders = {
    toNhwc: { shape: [4], data: Int32Array.of(0, 2, 3, 1) },
    toNchw: { shape: [4], data: Int32Array.of(0, 3, 1, 2) },
    biases: { shape: [2], data: Float32Array.of(100, 200) },
  }

  it('transpositions between the two orders cost no node', async () => {
    const nodes = [
      ...Object.keys(orders).map(constant),
      transpose('nhwc', 'image', 'toNhwc'),
      { name: 'biased', op: 'BiasAdd', input: ['nhwc', 'biases'] },
      transpose('nchw', 'biased', 'toNchw'),
    ]
    const model = convert(nodes, orders, [1, 2, 1, 3], { input: { node: 'image', shape: [1, 2, 1, 3], layout: 'NCHW' } })
    expect(ops(model)).toEqual(['Add', 'Identity'])
    expect((await run(model, [1, 2, 1, 3])).data).toEqual([100, 101, 102, 203, 204, 205])
  })

  it('an output has the order of the graph', async () => {
    const model = convert([{ name: 'y', op: 'Relu', input: ['image'] }], {}, [1, 1, 2, 2])
    expect(await run(model, [1, 2, 1, 2])).toEqual({ dims: [1, 1, 2, 2], data: [0, 2, 1, 3] })
  })
})

describe('constants', () => {
  const int = (...data: number[]): Tensor => ({ shape: [data.length], data: Int32Array.from(data) })
  const scalar = (value: number): Tensor => ({ shape: [], data: Int32Array.of(value) })

  it('folds a shape that is put together from the shape of a value', async () => {
    const weights = { begin: int(0), end: int(1), step: int(1), rest: scalar(-1), last: scalar(2) }
    const nodes: Node[] = [
      ...Object.keys(weights).map(constant),
      { name: 'shape', op: 'Shape', input: ['image'] },
      { name: 'batch', op: 'StridedSlice', input: ['shape', 'begin', 'end', 'step'], attr: { shrink_axis_mask: { i: '1' } } },
      { name: 'target', op: 'Pack', input: ['batch', 'rest', 'last'] },
      { name: 'list', op: 'Reshape', input: ['image', 'target'] },
    ]
    const model = convert(nodes, weights, [1, 1, 2, 2])
    expect(ops(model)).toEqual(['Transpose', 'Reshape', 'Identity'])
    expect(await run(model, [1, 2, 1, 2])).toEqual({ dims: [1, 2, 2], data: [0, 2, 1, 3] })
    expect(() => convert(nodes, weights, [1, 1, 2, 2], { free: true })).toThrow(
      'node shape (Shape): a graph with variable size must not use Shape',
    )
  })

  it('folds sums of constants', async () => {
    const weights = {
      none: { shape: [0, 1], data: new Int32Array() },
      size: int(3),
      values: { shape: [0], data: new Int32Array() },
      zero: scalar(0),
      target: int(1, 2, -1),
    }
    const nodes: Node[] = [
      ...Object.keys(weights).map(constant),
      { name: 'zeros', op: 'SparseToDense', input: ['none', 'size', 'values', 'zero'] },
      { name: 'sum', op: 'AddV2', input: ['target', 'zeros'] },
      { name: 'list', op: 'Reshape', input: ['image', 'sum'] },
    ]
    expect((await run(convert(nodes, weights, [1, 2, 2, 1]), [1, 1, 2, 2])).dims).toEqual([1, 2, 2])
  })
})

describe('errors', () => {
  it('name the node', () => {
    expect(() => convert([{ name: 'y', op: 'Tanh', input: ['image'] }], {}, [1, 1, 1, 1])).toThrow(
      'node y (Tanh): this operator is not supported',
    )
    expect(() => convert([{ name: 'y', op: 'Relu', input: ['x'] }], {}, [1, 1, 1, 1])).toThrow('the graph has no node x')
    expect(() => convert([constant('w'), { name: 'y', op: 'Add', input: ['image', 'w'] }], {}, [1, 1, 1, 1])).toThrow(
      'node w (Const): no such weight',
    )
  })
})
