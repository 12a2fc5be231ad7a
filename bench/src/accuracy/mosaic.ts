/**
 * Pastes labelled photos side by side into images of about 12 megapixels, with their labels: what
 * an object of known size does to recall and false detections once it is far from filling the
 * image.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CLASSES, type ObjectClass, type Size } from '@obscura/engine'
import { type Command, Option } from 'commander'
import sharp from 'sharp'
import { type DataOptions, positive, repeatable, withData } from '../options.js'
import type { Table } from '../report/table.js'
import { isComplete, type LabelledObject, type Photo, readLabels } from './labels.js'

interface Options extends DataOptions {
  source: string[]
  class: ObjectClass[]
  out: string
  width: number
  height: number
}

export function command(command: Command): Command {
  return withData(command)
    .requiredOption('--source <name>', 'photos from this source; repeatable', repeatable())
    .addOption(
      new Option('--class <name...>', 'labels of these classes alone: more photos may have all of them')
        .choices(CLASSES)
        .default([...CLASSES], 'all'),
    )
    .requiredOption('--out <folder>', 'the mosaics and their annotations.json')
    .option('--width <px>', 'of a mosaic', positive, 4000)
    .option('--height <px>', 'of a mosaic', positive, 3000)
}

export async function run({ data, source, class: wanted, out, width, height }: Options): Promise<Table[]> {
  const size = { width, height }
  const photos = (await readLabels(data)).filter(photo => source.includes(photo.source))
  if (photos.length === 0) throw new Error(`${data} has no photos of ${source.join(', ')}.`)
  const { classes, countable, usable } = choose(photos, wanted)
  if (usable.length === 0) {
    throw new Error(
      `No photo of ${source.join(', ')} has all labels of ${classes.join(', ') || wanted.join(', ')}: name fewer classes with --class, or fewer sources.`,
    )
  }
  await mkdir(out, { recursive: true })
  const labels: Photo[] = []
  for (const [i, places] of layOut(usable, width, height).entries()) {
    const image = `mosaic-${String(i + 1).padStart(2, '0')}.jpg`
    await write(join(out, image), data, places, size)
    const objects = places.flatMap(place =>
      place.photo.objects.filter(({ type }) => classes.includes(type)).map(object => shifted(object, place)),
    )
    const name = `${source.join('+')} mosaic`
    labels.push({ image, ...size, source: name, labelled: classes, complete: false, complete_types: countable, objects })
  }
  await writeFile(join(out, 'annotations.json'), JSON.stringify(labels))
  return [{ head: ['folder', 'mosaics', 'photos', 'classes'], rows: [[out, labels.length, usable.length, classes.join(', ')]] }]
}

/**
 * What a mosaic of photos can be judged by: the classes that are labelled in any, those that are
 * completely labelled in any, and the photos that have all of these labels.
 */
export function choose(photos: readonly Photo[], wanted: readonly ObjectClass[]) {
  const classes = wanted.filter(name => photos.some(({ labelled }) => labelled.includes(name)))
  const countable = classes.filter(name => photos.some(photo => isComplete(photo, name)))
  const usable = photos.filter(
    photo =>
      classes.length > 0 &&
      classes.every(name => photo.labelled.includes(name)) &&
      countable.every(name => isComplete(photo, name)),
  )
  return { classes, countable, usable }
}

async function write(file: string, data: string, places: readonly Place[], size: Size): Promise<void> {
  await sharp({ create: { ...size, channels: 3, background: '#727272' } })
    .composite(places.map(({ photo, left, top }) => ({ input: join(data, photo.image), left, top })))
    .jpeg({ quality: 95 })
    .toFile(file)
}

interface Place {
  photo: Photo
  left: number
  top: number
}

/** Fills images row by row, photos of similar height side by side. */
function layOut(photos: readonly Photo[], width: number, height: number): Place[][] {
  const mosaics: Place[][] = [[]]
  let left = 0
  let top = 0
  let rowHeight = 0
  for (const photo of [...photos].sort((a, b) => b.height - a.height)) {
    if (left + photo.width > width) {
      left = 0
      top += rowHeight
      rowHeight = 0
    }
    if (top + photo.height > height) {
      mosaics.push([])
      left = top = rowHeight = 0
    }
    mosaics.at(-1)!.push({ photo, left, top })
    left += photo.width
    rowHeight = Math.max(rowHeight, photo.height)
  }
  return mosaics
}

function shifted(object: LabelledObject, { left, top }: Place): LabelledObject {
  const [x1, y1, x2, y2] = object.bbox
  return {
    ...object,
    bbox: [x1 + left, y1 + top, x2 + left, y2 + top],
    ...(object.polygon && { polygon: object.polygon.map(([x, y]) => [x + left, y + top] as [number, number]) }),
  }
}
