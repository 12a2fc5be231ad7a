/** The converted models against what they were converted from: same image in, same numbers out. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ManifestOf, parseManifest } from '@obscura/engine/manifest'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { convert } from './convert.js'
import { type Build, readSources } from './sources.js'
import { decodeWeights } from './weights.js'

const models = join(import.meta.dirname, '..')

interface Sample {
  shape: number[]
  /** Mean of all magnitudes. */
  magnitude: number
  /** Values at i / 60 of the tensor's length. */
  values: number[]
}
interface Reference {
  input: [number, number, number, number]
  outputs: Record<string, Sample>
}

function manifest<T extends 'ssd' | 'nanodet' | 'blazeface'>(name: string): ManifestOf<T> {
  const file = join(models, 'manifests', `${name}.json`)
  return parseManifest(readFileSync(file, 'utf8'), file) as ManifestOf<T>
}

function reference(name: string): Reference {
  return JSON.parse(readFileSync(join(models, 'references', `${name}.json`), 'utf8'))
}

/** The image of references/make.mjs, N x C x H x W. */
function pattern(height: number, width: number): Tensor {
  const data = new Float32Array(3 * height * width)
  let i = 0
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        data[i++] = Math.sin(x / 7 + c) * Math.cos(y / 11) + ((31 * x + 17 * y + 7 * c) % 13) / 13 - 0.5
      }
    }
  }
  return new Tensor('float32', data, [1, 3, height, width])
}

function withAllClasses(build: Build): Build {
  return { ...build, graph: { ...build.graph!, keep: undefined } }
}

async function run(
  model: Uint8Array,
  tensor: string,
  image: Tensor,
): Promise<Record<string, { dims: readonly number[]; data: Float32Array }>> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 })
  const outputs = await session.run({ [tensor]: image })
  return outputs as unknown as Record<string, { dims: readonly number[]; data: Float32Array }>
}

/** Compares with a sample; the tolerance is a fraction of the tensor's mean magnitude. */
function expectSample(data: ArrayLike<number>, { shape, magnitude, values }: Sample, fraction = 1e-4): void {
  expect(data.length).toBe(shape.reduce((a, b) => a * b))
  const mean = Array.from(data).reduce((sum, value) => sum + Math.abs(value), 0) / data.length
  expect(Math.abs(mean - magnitude)).toBeLessThan(fraction * magnitude)
  const differences = values.map((value, i) => Math.abs(value - data[Math.floor((i * data.length) / values.length)]))
  expect(Math.max(...differences)).toBeLessThan(fraction * magnitude)
}

describe('graphs of TensorFlow.js', () => {
  it.each(['blazeface', 'nanodet', 'ssdlite'])('%s gives what TensorFlow.js gives', async name => {
    const { build, input } = manifest(name)
    const { input: size, outputs: expected } = reference(name)
    const outputs = await run(
      convert(withAllClasses(build!), await readSources(build!, models), input.tensor),
      input.tensor,
      pattern(size[2], size[3]),
    )
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(expected).sort())
    for (const [output, sample] of Object.entries(expected)) {
      expect(outputs[output].dims).toEqual(sample.shape)
      expectSample(outputs[output].data, sample)
    }
  })

  it.each(['nanodet', 'ssdlite'])('%s gives the same for the classes that it keeps', async name => {
    const { build, input, classes } = manifest(name)
    const { keep } = build!.graph!
    expect(Object.keys(classes)).toEqual(Object.keys(keep!.classes))
    const sources = await readSources(build!, models)
    const image = pattern(...(reference(name).input.slice(2) as [number, number]))
    const all = await run(convert(withAllClasses(build!), sources, input.tensor), input.tensor, image)
    const kept = await run(convert(build!, sources, input.tensor), input.tensor, image)
    for (const [output, { data, dims }] of Object.entries(kept)) {
      if (!keep!.outputs.includes(output)) {
        expect(maxDifference(data, all[output].data)).toBeLessThan(1e-4)
        continue
      }
      const expected = all[output].data.filter((_, i) => keep!.classes.includes(i % keep!.of))
      expect(dims.at(-1)).toBe(keep!.classes.length)
      expect(maxDifference(data, expected)).toBeLessThan(1e-5)
    }
  })

  it('nanodet takes any size that its manifest allows', async () => {
    const { build, input, decoder } = manifest<'nanodet'>('nanodet')
    const model = convert(build!, await readSources(build!, models), input.tensor)
    const outputs = await run(model, input.tensor, pattern(96, 160))
    for (const { stride, scores, distances } of decoder.levels) {
      const cells = Math.ceil(96 / stride) * Math.ceil(160 / stride)
      expect(outputs[scores].dims).toEqual([1, cells, 5])
      expect(outputs[distances].dims).toEqual([1, cells, 4 * decoder.bins])
    }
  })
})

/** The greatest difference of two lists of equal length. */
function maxDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length)
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0)
}

/**
 * Decodes as the manifest describes decoder ssd; boxes are y1, x1, y2, x2 as fractions of the
 * input's sides.
 */
function decode({ decoder }: ManifestOf<'ssd'>, offsets: Float32Array, width: number, height: number): Float32Array {
  const at = (axis: string) => decoder.order.indexOf(axis)
  const boxes = new Float32Array(offsets.length)
  let i = 0
  for (const level of decoder.levels) {
    const stride = 'stride' in level ? level.stride : width / level.cells
    for (let row = 0; row < Math.ceil(height / stride); row++) {
      for (let column = 0; column < Math.ceil(width / stride); column++) {
        for (const [w, h] of level.anchors) {
          const cx = (column + 0.5) * stride + offsets[i + at('x')] * decoder.variance[0] * w
          const cy = (row + 0.5) * stride + offsets[i + at('y')] * decoder.variance[0] * h
          const boxWidth = w * Math.exp(offsets[i + at('w')] * decoder.variance[1])
          const boxHeight = h * Math.exp(offsets[i + at('h')] * decoder.variance[1])
          boxes.set(
            [
              (cy - boxHeight / 2) / height,
              (cx - boxWidth / 2) / width,
              (cy + boxHeight / 2) / height,
              (cx + boxWidth / 2) / width,
            ],
            i,
          )
          i += 4
        }
      }
    }
  }
  expect(i).toBe(offsets.length)
  return boxes
}

describe('anchors of the manifests', () => {
  it('ssd-face with the anchors of its manifest gives the boxes and scores of face-api.js', async () => {
    const faces = manifest<'ssd'>('ssd-face')
    const { input: size, outputs: expected } = reference('ssd-face')
    const model = convert(faces.build!, await readSources(faces.build!, models), faces.input.tensor)
    const { cls, box } = await run(model, faces.input.tensor, pattern(size[2], size[3]))
    const scores = Array.from({ length: cls.dims[1] }, (_, i) => 1 / (1 + Math.exp(-cls.data[3 * i + 1])))
    expectSample(scores, expected.scores, 1e-3)
    expectSample(decode(faces, box.data, size[3], size[2]), expected.boxes)
  })

  it('ssdlite has the anchors of its graph in its manifest', async () => {
    const objects = manifest<'ssd'>('ssdlite')
    const sources = await readSources(objects.build!, models)
    const { weightsManifest } = JSON.parse(Buffer.from(sources.get(objects.build!.sources[0].path)!).toString())
    const weights = decodeWeights(weightsManifest, path => sources.get(`models/coco-ssd/${path}`)!)
    const anchors = weights.get('Postprocessor/ExpandDims')!.data as Float32Array
    expect(maxDifference(decode(objects, new Float32Array(anchors.length), 300, 300), anchors)).toBeLessThan(1e-5)
  })

  it('ultraface with the anchors of its manifest gives the boxes and scores of the original model', async () => {
    const faces = manifest<'ssd'>('ultraface')
    const sources = await readSources(faces.build!, models)
    const original = await run(sources.values().next().value!, faces.input.tensor, pattern(240, 320))
    const cut = await run(convert(faces.build!, sources, faces.input.tensor), faces.input.tensor, pattern(240, 320))
    const [logits, offsets] = [cut[faces.decoder.scores].data, cut[faces.decoder.boxes].data]
    const scores = Float32Array.from(
      { length: logits.length / 2 },
      (_, i) => 1 / (1 + Math.exp(logits[2 * i] - logits[2 * i + 1])),
    )
    expect(
      maxDifference(
        scores,
        original.scores.data.filter((_, i) => i % 2 === 1),
      ),
    ).toBeLessThan(1e-5)
    // The original spaces rows by side / cells. That is the stride only where it divides the 240
    // rows: at strides 8 and 16.
    const comparable = 4 * (30 * 40 * 3 + 15 * 20 * 2)
    const boxes = decode(faces, offsets, 320, 240).subarray(0, comparable)
    const swapped = original.boxes.data.slice(0, comparable).map((_, i, all) => all[i ^ 1])
    expect(maxDifference(boxes, swapped)).toBeLessThan(1e-5)
  })
})
