/**
 * Puts labelled photos on a sphere, at several latitudes or across the seam, and compares what is
 * found there with what is found of the same objects on the horizon. Writes the panoramas, their
 * labels and the outcomes.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CLASSES, type ObjectClass, type Raster } from '@obscura/engine'
import type { Command } from 'commander'
import sharp from 'sharp'
import {
  type DataOptions,
  foldersOf,
  type ModelOptions,
  type PrecisionOptions,
  positive,
  repeatable,
  withData,
  withModels,
  withPrecision,
} from '../options.js'
import type { Table } from '../report/table.js'
import { repositoryPath } from '../repository.js'
import { type Photo, readLabels } from './labels.js'
import { compose, labelsOf } from './panorama/compose.js'
import { tableOf } from './panorama/figures.js'
import { measurePanorama, type Outcome } from './panorama/measure.js'
import { asked, columnsOf, layOut, layOutAtSeam, type Placed, type SizedPhoto, sizedPhoto } from './panorama/places.js'
import { loadTools, type Tools } from './tools.js'

interface Options extends DataOptions, ModelOptions, PrecisionOptions {
  out: string
  source: string[]
  width: number
  limit: number
  threads: number
  flat?: boolean
  seam?: boolean
}

const SOURCES = ['coco-val', 'facemask', 'openimages']
/** Larger photos, as a fraction of the panorama's width, would overlap their neighbours. */
const MAX_PHOTO = 28 / 360
/** Objects of one class that are put across the seam, one after the other, of a photo. */
const PER_PHOTO = 2

export function command(command: Command): Command {
  return withPrecision(withModels(withData(command)))
    .option('--out <folder>', 'the panoramas, their labels and the outcomes', repositoryPath('bench/out/panorama'))
    .option('--source <name>', 'photos from this source; repeatable', repeatable(SOURCES), SOURCES)
    .option('--width <px>', 'of a panorama, twice its height', positive, 8192)
    .option('--limit <number>', 'photos per source, evenly chosen', positive, 30)
    .option('--threads <number>', 'threads per inference', positive, 1)
    .option('--flat', 'treat the panoramas as flat images')
    .option('--seam', 'place the photos across the seam')
}

export async function run(options: Options): Promise<Table[]> {
  sharp.cache(false)
  const { data, out, seam, limit, threads } = options
  const tools = await loadTools(foldersOf(options), { threads, profile: 'standard', precision: options.precision })
  const outcomes: Outcome[] = []
  const labels: Photo[] = []
  const photos = await readLabels(data)
  await mkdir(out, { recursive: true })
  for (const source of options.source) {
    const chosen = evenly(
      photos.filter(photo => photo.source === source && asked(photo).length > 0),
      limit,
    )
    const classes = CLASSES.filter(name => chosen.some(photo => photo.labelled.includes(name)))
    for (const placed of placesOf(chosen, options.width, seam)) {
      const image = `panorama-${String(labels.length + 1).padStart(3, '0')}.jpg`
      outcomes.push(...(await measure(image, placed, classes, tools, options)))
      labels.push(labelsOf(image, placed, sizeOf(options.width)))
      console.error(`${image}: ${placed.length} photos of ${source}`)
    }
    await writeFile(join(out, 'annotations.json'), JSON.stringify(labels))
    await writeFile(join(out, 'panorama.json'), JSON.stringify(outcomes))
  }
  await tools.close()
  return [tableOf(outcomes)]
}

function sizeOf(width: number) {
  return { width, height: width / 2 }
}

/** The photos of each panorama and where they are placed. */
function placesOf(photos: readonly Photo[], width: number, seam = false): Placed[][] {
  const sized = (some: readonly Photo[]): SizedPhoto[] =>
    some.map(photo => sizedPhoto(photo, Math.floor(MAX_PHOTO * width))).filter(photo => asked(photo).length > 0)
  return seam
    ? layOutAtSeam(sized(photos.flatMap(photo => columnsOf(photo, PER_PHOTO))), sizeOf(width))
    : layOut(sized(photos), sizeOf(width))
}

async function measure(
  image: string,
  placed: Placed[],
  classes: ObjectClass[],
  { networks, maskNet }: Tools,
  { data, out, width, flat }: Options,
): Promise<Outcome[]> {
  const panorama = await compose(data, placed, sizeOf(width))
  await write(panorama, join(out, image))
  return (await measurePanorama(panorama, placed, classes, { networks, maskNet, sphere: !flat })).outcomes
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
