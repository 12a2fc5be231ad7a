import type { Table } from '../report/table.js'
import type { Match } from './match.js'

/** Limits of the size classes: square root of the area of an object's box, px. */
export const SIZES = [0, 16, 32, 64, Number.POSITIVE_INFINITY] as const

/** What was counted in some photos for one class. */
export interface Tally {
  matches: Match[]
  /** Photos with labels of the class. */
  photos: number
  /** Photos in which false detections can be told, and what was detected there. */
  complete: number
  detections: number
  falseDetections: number
  /**
   * Fraction of each complete photo that is covered away from the objects, added up: rectangles,
   * outlines.
   */
  stray: { rectangles: number; outlines: number }
}

/** The tally of no photos. */
export function emptyTally(): Tally {
  return { matches: [], photos: 0, complete: 0, detections: 0, falseDetections: 0, stray: { rectangles: 0, outlines: 0 } }
}

/** Tallies of several photos as one. */
export function total(tallies: readonly Tally[]): Tally {
  const sum = emptyTally()
  for (const tally of tallies) {
    sum.matches.push(...tally.matches)
    sum.photos += tally.photos
    sum.complete += tally.complete
    sum.detections += tally.detections
    sum.falseDetections += tally.falseDetections
    sum.stray.rectangles += tally.stray.rectangles
    sum.stray.outlines += tally.stray.outlines
  }
  return sum
}

/** The figures of a tally; fractions 0..1, null where nothing was counted. */
export interface Figures {
  objects: number
  coveredRectangles: number | null
  coveredOutlines: number | null
  foundIou50: number | null
  /** The same by size class, smallest first. */
  bySize: { objects: number; coveredRectangles: number | null; coveredOutlines: number | null; foundIou50: number | null }[]
  falsePerPhoto: number | null
  precision: number | null
  strayRectangles: number | null
  strayOutlines: number | null
}

/** Recall, false detections and stray cover of a tally. */
export function figuresOf(tally: Tally): Figures {
  const { matches, complete, detections, falseDetections, stray } = tally
  return {
    ...recall(matches),
    bySize: SIZES.slice(1).map((limit, i) => recall(matches.filter(({ size }) => size >= SIZES[i] && size < limit))),
    falsePerPhoto: fraction(falseDetections, complete),
    precision: fraction(detections - falseDetections, detections),
    strayRectangles: fraction(stray.rectangles, complete),
    strayOutlines: fraction(stray.outlines, complete),
  }
}

function recall(matches: readonly Match[]) {
  const objects = matches.length
  return {
    objects,
    coveredRectangles: fraction(matches.filter(({ covered }) => covered.rectangles).length, objects),
    coveredOutlines: fraction(matches.filter(({ covered }) => covered.outlines).length, objects),
    foundIou50: fraction(matches.filter(({ found }) => found).length, objects),
  }
}

function fraction(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}

const HEAD = [
  'class',
  'source',
  'objects',
  'covered %: rectangles / outlines',
  'IoU 0.5 %',
  'covered < 16 px',
  '16-32',
  '32-64',
  '> 64',
  'false a photo',
  'precision %',
  'stray area %',
]

/** One line a class and source. */
export function table(results: readonly { name: string; source: string; figures: Figures }[]): Table {
  const rows = results.map(({ name, source, figures }) => [
    name,
    source,
    figures.objects,
    `${percent(figures.coveredRectangles)} / ${percent(figures.coveredOutlines)}`,
    percent(figures.foundIou50),
    ...figures.bySize.map(size =>
      size.objects ? `${percent(size.coveredRectangles)} / ${percent(size.coveredOutlines)} (${size.objects})` : '-',
    ),
    figures.falsePerPhoto?.toFixed(2) ?? '-',
    percent(figures.precision),
    `${percent(figures.strayRectangles, 1)} / ${percent(figures.strayOutlines, 1)}`,
  ])
  return { head: HEAD, rows }
}

function percent(value: number | null, digits = 0): string {
  return value === null ? '-' : (100 * value).toFixed(digits)
}
