/**
 * Pastes labelled photos side by side into images of about 12 megapixels, with their labels: what
 * an object of known size does to recall and false detections once it is far from filling the
 * image.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CLASSES, type Size } from '@obscura/engine'
import type { Command } from 'commander'
import sharp from 'sharp'
import { type DataOptions, positive, repeatable, withData } from '../options.js'
import type { Table } from '../report/table.js'
import { isComplete, type LabelledObject, type Photo, readLabels } from './labels.js'

interface Options extends DataOptions {
  source: string[]
  out: string
  width: number
  height: number
}

export function command(command: Command): Command {
  return withData(command)
    .requiredOption('--source <name>', 'photos from this source; repeatable', repeatable())
    .requiredOption('--out <folder>', 'the mosaics and their annotations.json')
    .option('--width <px>', 'of a mosaic', positive, 4000)
    .option('--height <px>', 'of a mosaic', positive, 3000)
}

export async function run({ data, source, out, width, height }: Options): Promise<Table[]> {
  const size = { width, height }
  const photos = (await readLabels(data)).filter(photo => source.includes(photo.source))
  if (photos.length === 0) throw new Error(`${data} has no photos of ${source.join(', ')}.`)
  const classes = CLASSES.filter(name => photos.some(({ labelled }) => labelled.includes(name)))
  const countable = classes.filter(name => photos.some(photo => isComplete(photo, name)))
  const usable = photos.filter(
    photo => classes.every(name => photo.labelled.includes(name)) && countable.every(name => isComplete(photo, name)),
  )
  await mkdir(out, { recursive: true })
  const labels: Photo[] = []
  for (const [i, places] of layOut(usable, width, height).entries()) {
    const image = `mosaic-${String(i + 1).padStart(2, '0')}.jpg`
    await write(join(out, image), data, places, size)
    const objects = places.flatMap(place => place.photo.objects.map(object => shifted(object, place)))
    const name = `${source.join('+')} mosaic`
    labels.push({ image, ...size, source: name, labelled: classes, complete: false, complete_types: countable, objects })
  }
  await writeFile(join(out, 'annotations.json'), JSON.stringify(labels))
  return [{ head: ['folder', 'mosaics', 'photos', 'classes'], rows: [[out, labels.length, usable.length, classes.join(', ')]] }]
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

/** Fills images row by row, photos of like height side by side. */
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
