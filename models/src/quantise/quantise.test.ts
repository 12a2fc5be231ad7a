/** Each step against the graph before it: same bytes in, same numbers out, as far as 8 bits go. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Manifest, readManifests } from '@obscura/engine/manifest'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildModels } from '../build.js'
import { OnnxBuilder, tensor } from '../onnx.js'
import { clean } from './clean.js'
import { encodeGraph, readGraph } from './graph.js'
import { Histogram } from './histogram.js'
import { takeBytes } from './input.js'
import { place } from './placement.js'
import { quantise } from './quantise.js'
import { readRanges, stepsOf } from './ranges.js'
import { wholeWeights } from './weights.js'

const models = join(import.meta.dirname, '../..')
const street = join(models, '../tests/fixtures/street-taxis.jpg')

type Outputs = Record<string, Float32Array>

async function run(model: Uint8Array, image: Tensor): Promise<Outputs> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 })
  const outputs = await session.run({ [session.inputNames[0]]: image })
  return Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array]))
}

const input: Manifest['input'] = {
  tensor: 'image',
  size: { multiple: 4 },
  resize: 'letterbox',
  padding: { value: 114, position: 'end' },
  channels: 'bgr',
  mean: [100, 110, 120],
  std: [50, 60, 70],
}

/** Numbers between -1 and 1 that look random. */
const noise = (length: number, seed = 1) => Float32Array.from({ length }, (_, i) => Math.sin((i + 1) * 12.9898 * seed))

/** What published graphs have around convolutions: paddings, factors, offsets, normalisation. */
function publishedGraph(): Uint8Array {
  const onnx = new OnnxBuilder()
  onnx.input('image', [1, 3, 'height', 'width'])
  const padded = onnx.node('Pad', ['image', onnx.integers([0, 0, 1, 1, 0, 0, 1, 1]), onnx.floats([0])])
  const first = onnx.node('Conv', [padded, onnx.floats(noise(8 * 27), [8, 3, 3, 3])], { strides: [2, 2] })
  const scaled = onnx.node('Mul', [first, onnx.floats(noise(8, 2), [1, 8, 1, 1])])
  const shifted = onnx.node('Add', [scaled, onnx.floats(noise(8, 3), [1, 8, 1, 1])])
  const relu = onnx.node('Relu', [shifted])
  const edge = onnx.node('Pad', [relu, onnx.integers([0, 0, 1, 1, 0, 0, 1, 1]), onnx.floats([-3.4e38])])
  const pooled = onnx.node('MaxPool', [edge], { kernel_shape: [3, 3], strides: [1, 1] })
  const second = onnx.node('Conv', [pooled, onnx.floats(noise(8 * 9, 4), [8, 1, 3, 3])], { group: 8, pads: [1, 1, 1, 1] })
  const statistics = [noise(8, 5), noise(8, 6), noise(8, 7), noise(8, 8).map(value => 1 + Math.abs(value))]
  const constants = statistics.map(values => onnx.floats(values, [8]))
  const normalised = onnx.node('BatchNormalization', [second, ...constants], { epsilon: { float: 1e-3 } })
  const leaky = onnx.node('LeakyRelu', [normalised], { alpha: { float: 0.1 } })
  const joined = onnx.node('Concat', [leaky, relu], { axis: 1 })
  onnx.output('out', onnx.node('Conv', [joined, onnx.floats(noise(2 * 16, 9), [2, 16, 1, 1])]))
  return onnx.encode()
}

const bytes = Uint8Array.from({ length: 16 * 12 * 4 }, (_, i) => (i * 37) % 256)

/** The image as a float network wants it: planes, BGR, normalised. */
function asFloats({ mean, std } = input): Tensor {
  const data = new Float32Array(3 * 16 * 12)
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < 16 * 12; i++) data[channel * 192 + i] = (bytes[i * 4 + 2 - channel] - mean[channel]) / std[channel]
  }
  return new Tensor('float32', data, [1, 3, 12, 16])
}

/** The greatest difference as a fraction of the greatest value. */
function difference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length)
  const most = a.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
  return a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i])), 0) / most
}

describe('the steps', () => {
  it('cleaning leaves convolutions, activations, pooling and the end, which compute the same', async () => {
    const graph = readGraph(publishedGraph())
    clean(graph)
    expect(graph.nodes.map(({ opType }) => opType)).toEqual([
      ...['Conv', 'Relu', 'MaxPool', 'Conv', 'LeakyRelu', 'Concat', 'Conv', 'Identity'],
    ])
    const [before, after] = await Promise.all([publishedGraph(), encodeGraph(graph)].map(model => run(model, asFloats())))
    expect(difference(before.out, after.out)).toBeLessThan(1e-5)
  })

  it('pools before it activates, unless something else reads the activation', async () => {
    const model = (alpha: number, isRead: boolean) => {
      const onnx = new OnnxBuilder()
      onnx.input('image', [1, 3, 'height', 'width'])
      const first = onnx.node('Conv', ['image', onnx.floats(noise(4 * 27), [4, 3, 3, 3])])
      const leaky = onnx.node('LeakyRelu', [first], { alpha: { float: alpha } })
      const pooled = onnx.node('MaxPool', [leaky], { kernel_shape: [2, 2], strides: [2, 2] })
      onnx.output('out', onnx.node('Conv', [pooled, onnx.floats(noise(8, 2), [2, 4, 1, 1])]))
      if (isRead) onnx.output('other', onnx.node('Conv', [leaky, onnx.floats(noise(8, 3), [2, 4, 1, 1])]))
      return onnx.encode()
    }
    for (const [alpha, isRead, order] of [
      [0.1, false, ['Conv', 'MaxPool', 'LeakyRelu', 'Conv']],
      [-0.1, false, ['Conv', 'LeakyRelu', 'MaxPool', 'Conv']],
      [0.1, true, ['Conv', 'LeakyRelu', 'MaxPool', 'Conv', 'Conv']],
    ] as const) {
      const graph = readGraph(model(alpha, isRead))
      clean(graph)
      expect(graph.nodes.map(({ opType }) => opType).filter(type => type !== 'Identity')).toEqual(order)
      const [before, after] = await Promise.all([model(alpha, isRead), encodeGraph(graph)].map(file => run(file, asFloats())))
      expect(after.out).toEqual(before.out)
    }
  })

  it('bytes give what normalised floats give', async () => {
    // With unequal means, what lies beyond the border would be rounded to integers.
    const equal: Manifest['input'] = { ...input, mean: [110, 110, 110] }
    const graph = readGraph(publishedGraph())
    clean(graph)
    takeBytes(graph, equal)
    const before = await run(publishedGraph(), asFloats(equal))
    const after = await run(encodeGraph(graph), new Tensor('uint8', bytes, [1, 12, 16, 4]))
    expect(difference(before.out, after.out)).toBeLessThan(1e-4)
  })

  it('the last convolution stays float, values that are moved share a range, an activation saturates', () => {
    const graph = readGraph(publishedGraph())
    clean(graph)
    takeBytes(graph, input)
    const { nodes, saturated, sharedWith, values } = place(graph)
    expect([...nodes].map(({ opType }) => opType)).toEqual(['Conv', 'Conv', 'Relu', 'MaxPool'])
    expect([...saturated].map(({ opType }) => opType)).toEqual(['Relu'])
    const [relu, pooled] = ['Relu', 'MaxPool'].map(op => graph.nodes.find(({ opType }) => opType === op)!.output[0])
    expect(sharedWith(relu)).toBe(sharedWith(pooled))
    expect(values.has(graph.nodes.find(({ opType }) => opType === 'Conv')!.output[0])).toBe(false)
  })

  it('a convolution that is named stays float, and so does what only it feeds', async () => {
    const graph = readGraph(publishedGraph())
    clean(graph)
    takeBytes(graph, input)
    const [, second] = graph.nodes.filter(({ opType }) => opType === 'Conv').map(({ output }) => output[0])
    const { nodes, values } = place(graph, [second])
    expect([...nodes].map(({ opType }) => opType)).toEqual(['Conv', 'Relu'])
    expect(values.has(second)).toBe(false)

    graph.outputs = [...place(graph).values].map(name => tensor(name))
    const image = new Tensor('uint8', bytes, [1, 12, 16, 4])
    const seen = Object.entries(await run(encodeGraph(graph), image))
    const measured = Object.fromEntries(seen.map(([name, all]) => [name, [Math.min(...all), Math.max(...all)] as const]))
    const errors = await Promise.all(
      [[], [second]].map(async float => {
        const model = quantise(publishedGraph(), input, { model: '', made: '', values: measured, float })
        const [before, after] = [await run(publishedGraph(), asFloats()), await run(model, image)]
        return difference(before.out, after.out)
      }),
    )
    // Of three layers of noise, whose weights and sums cancel out.
    expect(Math.max(...errors)).toBeLessThan(0.3)
  })

  it('refuses a graph whose input more than one convolution reads', () => {
    const onnx = new OnnxBuilder()
    onnx.input('image', [1, 3, 'height', 'width'])
    onnx.output('out', onnx.node('Relu', ['image']))
    expect(() => takeBytes(readGraph(onnx.encode()), input)).toThrow('the input image must be read by one convolution alone')
  })

  it('names a value without a range', () => {
    const ranges = { model: '', made: '', values: {} }
    expect(() => quantise(publishedGraph(), input, ranges)).toThrow(/no range was measured for v\d+/)
  })
})

describe('numbers', () => {
  it('0 is exact in every range, and its ends are kept', () => {
    expect(stepsOf([-1, 3])).toEqual({ scale: Math.fround(4 / 255), zero: 64 })
    expect(stepsOf([2, 6])).toEqual({ scale: Math.fround(6 / 255), zero: 0 })
    expect(stepsOf([-4, -1])).toEqual({ scale: Math.fround(4 / 255), zero: 255 })
  })

  it('each filter has its own scale, and one without weight a bias that fits 32 bits', () => {
    const weights = Float32Array.of(1.01, -2, 0.0101, 0.02, 0, 0)
    const biases = Float32Array.of(0.5, -0.5, 100)
    const whole = wholeWeights(weights, 3, 0.05, biases)
    expect([...whole.weights]).toEqual([64, -127, 64, 127, 0, 0])
    whole.biases!.forEach((bias, filter) => {
      expect(Math.abs(bias)).toBeLessThan(2 ** 31)
      expect(bias * whole.biasScales[filter]).toBeCloseTo(biases[filter], 3)
    })
  })

  it('a histogram knows the ends of what it saw, with and without the tails', () => {
    const histogram = new Histogram()
    histogram.add(Float32Array.from({ length: 10_000 }, (_, i) => i / 10_000))
    histogram.add(Float32Array.of(-3, 500))
    expect(histogram.range(0)).toEqual([-3, 500])
    const [least, most] = histogram.range(0.001)
    expect(least).toBeLessThanOrEqual(0)
    expect(least).toBeGreaterThan(-1)
    expect(most).toBeLessThan(2)
  })
})

const manifests = (await readManifests(models)).filter(({ int8 }) => int8)

describe.each(manifests.map(manifest => [manifest.name, manifest] as const))('%s', (_, manifest) => {
  beforeAll(() => buildModels())

  it('finds in 8-bit integers what it finds in floats', async () => {
    const side = 'width' in manifest.input.size ? manifest.input.size.width : 640
    const pixels = await sharp(street).resize(side, side, { fit: 'fill' }).ensureAlpha().raw().toBuffer()
    const { mean, std, channels } = manifest.input
    const floats = new Float32Array(3 * side * side)
    for (let channel = 0; channel < 3; channel++) {
      const from = channels === 'bgr' ? 2 - channel : channel
      for (let i = 0; i < side * side; i++)
        floats[channel * side * side + i] = (pixels[i * 4 + from] - mean[channel]) / std[channel]
    }
    const [float, whole] = await Promise.all([manifest.file, manifest.int8!.file].map(file => readFile(join(models, file))))
    const before = await run(float, new Tensor('float32', floats, [1, 3, side, side]))
    const after = await run(whole, new Tensor('uint8', new Uint8Array(pixels), [1, side, side, 4]))
    expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort())
    for (const [name, values] of Object.entries(before)) {
      const spread = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length)
      const error = Math.sqrt(values.reduce((sum, value, i) => sum + (value - after[name][i]) ** 2, 0) / values.length)
      expect(error / spread, name).toBeLessThan(0.1)
    }
  })

  it('is refused with ranges of another model', async () => {
    const file = join(models, manifest.int8!.ranges!)
    await expect(readRanges(file, '0'.repeat(64))).rejects.toThrow('belongs to another model')
  })
})
