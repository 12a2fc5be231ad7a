/**
 * `node dist/mosaic.js --data FOLDER --source NAME --out FOLDER`: pastes labelled photos side by side into images of about 12 megapixels, with
 * their labels: what an object of known size does to recall and false alarms once it is far from filling the image.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CLASSES } from '@obscura/engine'
import sharp from 'sharp'
import { isComplete, type LabelledObject, type Photo, readLabels } from './accuracy/labels.js'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    source: { type: 'string', multiple: true },
    out: { type: 'string' },
    width: { type: 'string', default: '4000' },
    height: { type: 'string', default: '3000' },
  },
})
if (!values.data || !values.out || !values.source) throw new Error('--data FOLDER, --source NAME and --out FOLDER are needed')

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

const { data, out, source } = values
const size = { width: Number(values.width), height: Number(values.height) }
const photos = (await readLabels(data)).filter(photo => source.includes(photo.source))
if (photos.length === 0) throw new Error(`${data} has no photos of ${source.join(', ')}`)
const classes = CLASSES.filter(name => photos.some(({ labelled }) => labelled.includes(name)))
const countable = classes.filter(name => photos.some(photo => isComplete(photo, name)))
const usable = photos.filter(
  photo => classes.every(name => photo.labelled.includes(name)) && countable.every(name => isComplete(photo, name)),
)

await mkdir(out, { recursive: true })
const labels: Photo[] = []
for (const [i, places] of layOut(usable, size.width, size.height).entries()) {
  const image = `mosaic-${String(i + 1).padStart(2, '0')}.jpg`
  await sharp({ create: { ...size, channels: 3, background: '#727272' } })
    .composite(places.map(({ photo, left, top }) => ({ input: join(data, photo.image), left, top })))
    .jpeg({ quality: 95 })
    .toFile(join(out, image))
  labels.push({
    image,
    ...size,
    source: `${source.join('+')} mosaic`,
    labelled: classes,
    complete: false,
    complete_types: countable,
    objects: places.flatMap(place => place.photo.objects.map(object => shifted(object, place))),
  })
}
await writeFile(join(out, 'annotations.json'), JSON.stringify(labels))
console.log(
  `${usable.length} photos in ${labels.length} mosaics of ${size.width} x ${size.height} px, classes ${classes.join(', ')}`,
)
