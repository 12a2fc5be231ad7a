import { CLASSES, type ObjectClass } from '@obscura/contract'
import type { Doubtful } from '../images/found.js'
import type { ReportedImage } from './image.js'

/** So many doubtful detections are shown with a crop, the most doubtful of all. */
export const MAX_SHOWN = 200

/** So many failures and folders are listed; a CSV report has all images. */
export const MAX_LISTED = 1000

/** Numbers of images and detections in a report. */
export interface Counts {
  images: Record<ReportedImage['status'], number>
  detections: Record<ObjectClass, number>
  ignored: number
  doubtful: number
  warnings: number
}

/** A doubtful detection and the result that it is in. */
export interface Shown extends Doubtful {
  file: string
  result: string
}

/** What a report says about all images; bounded, however many there are. */
export interface Totals {
  all: Counts
  /** By folder of the results; those beyond {@link MAX_LISTED} are summed up under one name. */
  folders: Map<string, Counts>
  shown: Shown[]
  /** The first failures and warnings. */
  failed: { file: string; problem: string }[]
  warned: { file: string; problem: string }[]
  /** Networks and devices, each with the number of images that it was used for. */
  models: Map<string, number>
  versions: Map<string, number>
  /** Anonymized images of which an earlier version recorded nothing. */
  unrecorded: number
}

export const OTHER_FOLDERS = '(other folders)'

/** Totals of no images. */
export function createTotals(): Totals {
  return {
    all: createCounts(),
    folders: new Map(),
    shown: [],
    failed: [],
    warned: [],
    models: new Map(),
    versions: new Map(),
    unrecorded: 0,
  }
}

/** Counts an image. */
export function count(totals: Totals, { file, folder, status, problem, result, found }: ReportedImage): void {
  const place = totals.folders.has(folder) || totals.folders.size < MAX_LISTED ? folder : OTHER_FOLDERS
  const inFolder = totals.folders.get(place) ?? createCounts()
  totals.folders.set(place, inFolder)
  for (const counts of [totals.all, inFolder]) {
    counts.images[status]++
    if (!found) continue
    for (const name of CLASSES) counts.detections[name] += found.counts[name] ?? 0
    counts.ignored += found.ignored
    counts.doubtful += found.doubtful
    counts.warnings += found.warnings.length > 0 ? 1 : 0
  }
  if (problem !== undefined) list(totals.failed, file, problem)
  if (result === undefined) return
  if (!found) {
    totals.unrecorded++
    return
  }
  if (found.warnings.length > 0) list(totals.warned, file, found.warnings.join(' '))
  for (const model of found.models) increase(totals.models, `${model} (${found.device})`)
  increase(totals.versions, found.version)
  for (const one of found.mostDoubtful) totals.shown.push({ ...one, file, result })
  // Sorted now and then, not for each image.
  if (totals.shown.length > 4 * MAX_SHOWN) keepMostDoubtful(totals)
}

/** Drops all but the most doubtful detections. */
export function keepMostDoubtful(totals: Totals): void {
  totals.shown.sort((a, b) => a.margin - b.margin)
  totals.shown.length = Math.min(totals.shown.length, MAX_SHOWN)
}

function createCounts(): Counts {
  return {
    images: { anonymized: 0, 'anonymized earlier': 0, failed: 0, 'not processed': 0 },
    detections: { face: 0, person: 0, license_plate: 0, vehicle: 0 },
    ignored: 0,
    doubtful: 0,
    warnings: 0,
  }
}

function list(entries: { file: string; problem: string }[], file: string, problem: string): void {
  if (entries.length < MAX_LISTED) entries.push({ file, problem })
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
