/** Detections with low scores, kept in a file: all thresholds can be evaluated from one search. */
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CLASSES, DEFAULT_PARAMETERS, type Detection, type ObjectClass } from '@obscura/engine'
import { detect, facesAmong } from '@obscura/engine/internals'
import sharp from 'sharp'
import { foldersOf, type ModelOptions } from '../options.js'
import { decode } from './decode.js'
import type { Photo } from './labels.js'
import { loadTools } from './tools.js'

/** Detections below are not kept. */
const LEAST = 0.1

/** The detections of each photo, by its path. */
export type Detections = Record<string, Detection[]>

/** Options of benchmarks that keep detections in a file. */
export interface DetectionsOptions extends ModelOptions {
  data: string
  detections: string
}

/** Reads the file, detects what is missing in it, and saves after every 20 photos. */
export async function detectAll(
  photos: readonly Photo[],
  { data, detections: file, ...models }: DetectionsOptions,
): Promise<Detections> {
  const known: Detections = existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : {}
  const missing = photos.filter(({ image }) => !known[image])
  if (missing.length === 0) return known
  sharp.cache(false)
  await mkdir(dirname(file), { recursive: true })
  const tools = await loadTools(foldersOf(models), { threads: 1, profile: 'standard', precision: 'auto' })
  for (const [i, photo] of missing.entries()) {
    // Faces are judged by persons.
    const classes = CLASSES.filter(
      name => photo.labelled.includes(name) || (name === 'person' && photo.labelled.includes('face')),
    )
    const raster = await decode(join(data, photo.image))
    const thresholds = Object.fromEntries(classes.map(name => [name, LEAST]))
    known[photo.image] = await detect(raster, { classes, format: 'whole', thresholds }, tools.networks)
    if (i % 20 === 19 || i === missing.length - 1) await writeFile(file, JSON.stringify(known))
    if (i % 50 === 49) console.error(`${i + 1} of ${missing.length} photos`)
  }
  await tools.close()
  return known
}

/** The default threshold of a class. */
export function defaultOf(name: ObjectClass): number {
  return DEFAULT_PARAMETERS[`${name}_threshold`]
}

/**
 * What of a class is detected in a photo at a threshold.
 * @param heads whether faces are judged by persons, whose heads are faces where none is found
 */
export function detectionsAt(
  threshold: number,
  detections: readonly Detection[],
  name: ObjectClass,
  { width }: Photo,
  heads = true,
): Detection[] {
  if (name === 'face' && heads) return facesAmong(detections, threshold, width)
  return detections.filter(found => found.class === name && found.score >= threshold)
}
