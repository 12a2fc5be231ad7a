/**
 * `npm run panorama -w bench -- --data FOLDER --out FOLDER`: puts labelled photos on a sphere, at several latitudes or across the seam, and compares
 * what is found there with what is found of the same objects on the horizon. Writes the panoramas, their labels and the figures.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CLASSES, type ObjectClass, type Raster } from '@obscura/engine'
import { loadNets } from '@obscura/engine/detect'
import { readManifests } from '@obscura/engine/manifest'
import { loadMaskNet } from '@obscura/engine/masknet'
import sharp from 'sharp'
import { type Photo, readLabels } from './accuracy/labels.js'
import { compose, labelsOf } from './panorama/compose.js'
import { tableOf } from './panorama/figures.js'
import { measurePanorama, type Outcome } from './panorama/measure.js'
import { asked, columnsOf, layOut, layOutAtSeam, type Picture, type Placed, pictureOf } from './panorama/places.js'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    out: { type: 'string', default: 'panorama' },
    models: { type: 'string', default: fileURLToPath(new URL('../../models', import.meta.url)) },
    source: { type: 'string', multiple: true, default: ['coco-val', 'facemask', 'openimages'] },
    width: { type: 'string', default: '8192' },
    limit: { type: 'string', default: '30' },
    threads: { type: 'string', default: '1' },
    flat: { type: 'boolean', default: false },
    seam: { type: 'boolean', default: false },
  },
})
if (!values.data) throw new Error('--data FOLDER is missing: the folder with annotations.json; see bench/README.md')

sharp.cache(false)
const { data, out } = values
const threads = Number(values.threads)
const size = { width: Number(values.width), height: Number(values.width) / 2 }
/** Larger ones would overlap their neighbours. */
const largest = Math.floor((28 / 360) * size.width)
/** Objects of one class that are put across the seam, one after the other, of a photo. */
const PER_PHOTO = 2

const nets = await loadNets(values.models, { threads, profile: 'standard' })
const segmenter = (await readManifests(values.models)).find(manifest => manifest.task === 'segment')
if (!segmenter) throw new Error(`${values.models} has no manifest with the task "segment"`)
const tools = { nets, maskNet: await loadMaskNet(segmenter, values.models, { threads }) }

await mkdir(out, { recursive: true })
const labels: Photo[] = []
const outcomes: Outcome[] = []
const photos = await readLabels(data)
for (const source of values.source) {
  const chosen = evenly(
    photos.filter(photo => photo.source === source && asked(photo).length > 0),
    Number(values.limit),
  )
  const classes = CLASSES.filter(name => chosen.some(photo => photo.labelled.includes(name)))
  const panoramas = values.seam
    ? layOutAtSeam(picturesOf(chosen.flatMap(photo => columnsOf(photo, PER_PHOTO))), size)
    : layOut(picturesOf(chosen), size)
  for (const placed of panoramas) await measure(placed, classes)
  await writeFile(join(out, 'annotations.json'), JSON.stringify(labels))
  await writeFile(join(out, 'panorama.json'), JSON.stringify(outcomes))
  await writeFile(join(out, 'panorama.md'), `${tableOf(outcomes)}\n`)
}
await Promise.all([nets.close(), tools.maskNet.close()])
console.log(tableOf(outcomes))

function picturesOf(photos: readonly Photo[]): Picture[] {
  return photos.map(photo => pictureOf(photo, largest)).filter(picture => asked(picture).length > 0)
}

async function measure(placed: Placed[], classes: ObjectClass[]): Promise<void> {
  const image = `panorama-${String(labels.length + 1).padStart(3, '0')}.jpg`
  const panorama = await compose(data!, placed, size)
  await write(panorama, join(out, image))
  const { outcomes: found } = await measurePanorama(panorama, placed, classes, { ...tools, sphere: !values.flat })
  outcomes.push(...found)
  labels.push(labelsOf(image, placed, size))
  console.error(`${image}: ${placed.length} photos of ${placed[0].photo.source}`)
}

async function write({ width, height, data: pixels }: Raster, file: string): Promise<void> {
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toFile(file)
}

function evenly<Item>(items: readonly Item[], count: number): Item[] {
  const step = Math.max(1, items.length / count)
  return items.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step))
}
