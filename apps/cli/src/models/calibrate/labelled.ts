/** Labelled photos, in the form of bench/README.md. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Box, CLASSES, type Detection, intersection, iou, type ObjectClass } from '@obscura/engine'
import { CommandError } from '../../command-error.js'
import type { Sample } from './platt.js'

/** An entry of annotations.json. */
export interface LabelledPhoto {
  /** Relative to the folder. */
  image: string
  labelled: ObjectClass[]
  complete?: boolean
  complete_types?: ObjectClass[]
  objects: { type: ObjectClass; bbox: Box; ignore?: boolean; region?: boolean }[]
}

/** @throws CommandError when the folder has no annotations.json of this form */
export async function readLabelled(folder: string): Promise<LabelledPhoto[]> {
  const file = join(folder, 'annotations.json')
  const photos: unknown = await readFile(file, 'utf8').then(JSON.parse, (error: Error) => {
    throw new CommandError(
      `The labelled photos cannot be read: ${error.message}. bench/README.md describes the form of annotations.json.`,
    )
  })
  if (Array.isArray(photos) && photos.every(isPhoto)) return photos
  throw new CommandError(`${file} is not a list of {image, labelled, complete, objects}: bench/README.md describes its form.`)
}

function isPhoto(value: unknown): value is LabelledPhoto {
  const { image, labelled, objects } = (value ?? {}) as Partial<LabelledPhoto>
  return (
    typeof image === 'string' &&
    Array.isArray(labelled) &&
    labelled.every(name => CLASSES.includes(name)) &&
    Array.isArray(objects)
  )
}

/**
 * Whether every object of a class is labelled, so that a detection elsewhere is false. Faces are
 * never all labelled where persons are, but then a person's head excuses them.
 */
export function isComplete({ labelled, complete, complete_types: types }: LabelledPhoto, name: ObjectClass): boolean {
  const all = (of: ObjectClass) => (types ? types.includes(of) : complete === true && labelled.includes(of))
  return all(name) || (name === 'face' && all('person'))
}

/** At least this IoU with an object is true, less than the second with all of them is false. */
const TRUE_IOU = 0.5
const FALSE_IOU = 0.1

/** Of the detections of a class those that are clearly true or clearly false. */
export function judge(photo: LabelledPhoto, name: ObjectClass, detections: readonly Detection[]): Sample[] {
  const objects = photo.objects.filter(({ type }) => type === name)
  const persons = name === 'face' ? photo.objects.filter(({ type }) => type === 'person') : []
  return detections.flatMap(({ box, score }): Sample[] => {
    const best = Math.max(0, ...objects.filter(({ ignore, region }) => !ignore && !region).map(({ bbox }) => iou(bbox, box)))
    if (best >= TRUE_IOU) return [{ score, isTrue: true }]
    const excused = objects.some(({ bbox }) => iou(bbox, box) >= FALSE_IOU || intersection(bbox, box) > areaOf(box) / 2)
    return excused || persons.some(({ bbox }) => isOn(box, bbox)) ? [] : [{ score, isTrue: false }]
  })
}

const areaOf = ([x1, y1, x2, y2]: Box) => (x2 - x1) * (y2 - y1)

/** Whether the middle of a face is on the upper half of a person. */
function isOn([x1, y1, x2, y2]: Box, [left, top, right, bottom]: Box): boolean {
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2]
  return x >= left && x <= right && y >= top && y <= (top + bottom) / 2
}
