import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Box } from '@obscura/engine'
import { CLASSES, type ObjectClass } from '@obscura/engine'

/** A labelled photo; README.md describes the format. */
export interface Photo {
  /** Path of the file, relative to the data folder. */
  image: string
  width: number
  height: number
  /** Where the photo is from: figures are given by source. */
  source: string
  /** The only classes that were labelled. */
  labelled: ObjectClass[]
  /** Every object of the labelled classes has a label ... */
  complete: boolean
  /** ... or, where that differs, every object of these. */
  complete_types?: ObjectClass[]
  objects: LabelledObject[]
}

/** An object in annotations.json; its box in px. */
export interface LabelledObject {
  type: ObjectClass
  bbox: Box
  /** Outline in px. */
  polygon?: [x: number, y: number][]
  /** Too small or unclear to be asked for: neither hit nor miss. */
  ignore?: boolean
  /** May hold several touching objects: its pixels count, it does not. */
  region?: boolean
}

/**
 * Reads `annotations.json` of a data folder.
 * @param more a file with more objects of its photos: a list of {image, objects}
 * @throws Error when a file is missing, is no such list, or has more objects of another photo
 */
export async function readLabels(folder: string, more?: string): Promise<Photo[]> {
  const photos = await readPhotos(folder)
  if (!more) return photos
  const further: Pick<Photo, 'image' | 'objects'>[] = JSON.parse(await readFile(more, 'utf8'))
  const objects = new Map(further.map(photo => [photo.image, photo.objects]))
  const names = new Set(photos.map(({ image }) => image))
  const unknown = further.find(({ image }) => !names.has(image))
  if (unknown) throw new Error(`${more} has objects of ${unknown.image}, which is not in ${folder}`)
  return photos.map(photo => ({ ...photo, objects: [...photo.objects, ...(objects.get(photo.image) ?? [])] }))
}

async function readPhotos(folder: string): Promise<Photo[]> {
  const file = join(folder, 'annotations.json')
  const photos: unknown = JSON.parse(await readFile(file, 'utf8'))
  const valid = Array.isArray(photos) && photos.every(isPhoto)
  if (!valid) throw new Error(`${file} is not a list of {image, width, height, source, labelled, complete, objects}`)
  return photos
}

function isPhoto(value: unknown): value is Photo {
  const photo = value as Partial<Photo> | null
  return (
    typeof photo?.image === 'string' &&
    typeof photo.width === 'number' &&
    typeof photo.height === 'number' &&
    typeof photo.source === 'string' &&
    Array.isArray(photo.labelled) &&
    photo.labelled.every(name => CLASSES.includes(name)) &&
    Array.isArray(photo.objects)
  )
}

/** Whether every object of the class has a label, so that a detection elsewhere is false. */
export function isComplete({ labelled, complete, complete_types }: Photo, name: ObjectClass): boolean {
  return complete_types ? complete_types.includes(name) : complete && labelled.includes(name)
}
