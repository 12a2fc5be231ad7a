/**
 * Measures the ranges of a model's values on photos and writes them to ranges/NAME.json:
 *
 *     node dist/quantise/calibrate.js NAME FOLDER [--photos 48] [--source NAME ...]
 *         [--tail 0.0001] [--float VALUE ...]
 *
 * FOLDER holds an annotations.json, as bench/README.md describes it. Photos are chosen evenly from
 * it, without those under non-commercial licences. `--tail`: the fraction of samples at either end
 * of a range that is cut off. `--float`: the output of a convolution that stays float.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Manifest, readManifests } from '@obscura/engine/manifest'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import sharp from 'sharp'
import { tensor } from '../onnx.js'
import { sha256 } from '../sources.js'
import { encodeGraph } from './graph.js'
import { Histogram } from './histogram.js'
import { place } from './placement.js'
import { prepare } from './quantise.js'
import type { Ranges } from './ranges.js'

/** Long sides in px at which networks of free size see the photos, in turns. */
const SIDES = [640, 416, 960]

const { positionals, values: options } = parseArgs({
  allowPositionals: true,
  options: {
    photos: { type: 'string', default: '48' },
    source: { type: 'string', multiple: true },
    tail: { type: 'string', default: '0' },
    float: { type: 'string', multiple: true },
  },
})
const [name, folder] = positionals
const models = fileURLToPath(new URL('../..', import.meta.url))
const manifest = (await readManifests(models)).find(manifest => manifest.name === name)
if (!manifest || !folder) throw new Error('Usage: calibrate NAME FOLDER, NAME one of the manifests')
const ranges = await measure(manifest, Number(options.photos), Number(options.tail))
await mkdir(join(models, 'ranges'), { recursive: true })
// A range a line.
const text = JSON.stringify(ranges, undefined, 2).replace(/\[[^[\]]+\]/g, list =>
  JSON.stringify(JSON.parse(list)).replaceAll(',', ', '),
)
await writeFile(join(models, 'ranges', `${name}.json`), `${text}\n`)

async function measure({ file, input }: Manifest, count: number, tail: number): Promise<Ranges> {
  const model = await readFile(join(models, file))
  const graph = prepare(model, input)
  const names = [...place(graph).values]
  graph.outputs = names.map(value => tensor(value))
  const session = await InferenceSession.create(encodeGraph(graph), { graphOptimizationLevel: 'basic' })
  const histograms = new Map(names.map(value => [value, new Histogram()]))
  for (const [i, photo] of (await choose(count)).entries()) {
    const outputs = await session.run({ [input.tensor]: await bytesOf(photo, input, SIDES[i % SIDES.length]) })
    for (const [value, histogram] of histograms) histogram.add(outputs[value].data as Float32Array)
  }
  return {
    model: sha256(model),
    made: `${count} photos of ${[basename(folder), ...(options.source ?? [])].join(' ')}, tail ${tail}`,
    ...(options.float && { float: options.float }),
    values: Object.fromEntries([...histograms].map(([value, histogram]) => [value, histogram.range(tail)])),
  }
}

interface Photo {
  image: string
  source: string
  photo_licence?: string
}

async function choose(count: number): Promise<string[]> {
  const all: Photo[] = JSON.parse(await readFile(join(folder, 'annotations.json'), 'utf8'))
  const photos = all.filter(
    ({ source, photo_licence: licence }) => (options.source?.includes(source) ?? true) && !licence?.includes('NC'),
  )
  const chosen = Math.min(count, photos.length)
  return Array.from({ length: chosen }, (_, i) => join(folder, photos[Math.floor((i * photos.length) / chosen)].image))
}

/** A photo as the model's input, fitted as its manifest says. */
async function bytesOf(photo: string, { size, resize, padding }: Manifest['input'], side: number): Promise<Tensor> {
  const { width, height } = await sharp(photo).metadata()
  const room = 'width' in size ? size : { width: side, height: side }
  const scale = Math.min(room.width / width, room.height / height)
  const content = { width: Math.round(width * scale), height: Math.round(height * scale) }
  const up = (value: number) => ('width' in size ? value : Math.ceil(value / size.multiple) * size.multiple)
  const whole = 'width' in size ? size : { width: up(content.width), height: up(content.height) }
  const inner = resize === 'stretch' ? whole : content
  const { value } = padding
  const data = await sharp(photo)
    .removeAlpha()
    .toColourspace('srgb')
    .resize(inner.width, inner.height, { fit: 'fill', kernel: 'linear' })
    .extend({
      right: whole.width - inner.width,
      bottom: whole.height - inner.height,
      background: { r: value, g: value, b: value },
    })
    .ensureAlpha()
    .raw()
    .toBuffer()
  return new Tensor('uint8', new Uint8Array(data), [1, whole.height, whole.width, 4])
}
