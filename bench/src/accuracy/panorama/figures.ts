import { CLASSES, type ObjectClass } from '@obscura/engine'
import type { Table } from '../../report/table.js'
import type { Outcome } from './measure.js'
import { PLACES, type PlaceName } from './places.js'

type Form = 'rectangles' | 'outlines'

/** Where the same objects stood with which those at a place are compared. */
const COMPARED: Record<PlaceName, PlaceName | undefined> = {
  horizon: undefined,
  '30': 'horizon',
  '60': 'horizon',
  '80': 'horizon',
  turned: undefined,
  seam: 'turned',
}

/**
 * Covered recall by class and place, and its difference to the same objects on the horizon (at the
 * seam: to the panorama turned), in points, with its standard error.
 */
export function tableOf(outcomes: readonly Outcome[]): Table {
  const rows = CLASSES.filter(name => outcomes.some(outcome => outcome.name === name)).flatMap(name =>
    PLACES.filter(place => outcomes.some(outcome => outcome.place === place)).map(place => rowOf(outcomes, name, place)),
  )
  return { head: HEAD, rows }
}

const HEAD = [
  'class',
  'place',
  'objects',
  'covered %: rectangles / outlines',
  'rectangles: difference, points',
  'outlines',
  'false a photo',
]

function rowOf(outcomes: readonly Outcome[], name: ObjectClass, place: PlaceName): (string | number)[] {
  const here = outcomes.filter(outcome => outcome.name === name && outcome.place === place)
  const matches = here.flatMap(outcome => outcome.matches)
  const percent = (form: Form) => ((100 * matches.filter(({ covered }) => covered[form]).length) / matches.length).toFixed(1)
  const there = outcomes.filter(outcome => outcome.name === name && outcome.place === COMPARED[place])
  const difference = (form: Form) => (COMPARED[place] ? paired(here, there, form) : '')
  const counted = here.filter(({ wrong }) => wrong !== undefined)
  const wrong =
    counted.length === 0 ? '-' : (counted.reduce((sum, { wrong }) => sum + (wrong ?? 0), 0) / counted.length).toFixed(2)
  return [
    name,
    place,
    matches.length,
    `${percent('rectangles')} / ${percent('outlines')}`,
    difference('rectangles'),
    difference('outlines'),
    wrong,
  ]
}

/**
 * Mean difference over the objects that both places have, in points, and its standard error. Photos
 * are independent of each other, the objects of one are not: what a photo's differences add up to
 * is what varies. (Cochran, Sampling Techniques, 9A.3)
 */
function paired(here: readonly Outcome[], there: readonly Outcome[], form: Form): string {
  const before = new Map(there.flatMap(({ matches }) => matches.map(verdict => [verdict.object, verdict.covered[form]] as const)))
  const photos = new Map<string, { count: number; sum: number }>()
  for (const { image, matches } of here) {
    const photo = photos.get(image) ?? { count: 0, sum: 0 }
    for (const { object, covered } of matches) {
      const other = before.get(object)
      if (other === undefined) continue
      photo.count++
      photo.sum += 100 * (Number(covered[form]) - Number(other))
    }
    if (photo.count > 0) photos.set(image, photo)
  }
  const all = [...photos.values()]
  if (all.length < 2) return '-'
  const count = all.reduce((total, photo) => total + photo.count, 0)
  const mean = all.reduce((total, photo) => total + photo.sum, 0) / count
  const squares = all.reduce((total, photo) => total + (photo.sum - mean * photo.count) ** 2, 0)
  const error = Math.sqrt((squares * all.length) / (all.length - 1)) / count
  return `${mean >= 0 ? '+' : ''}${mean.toFixed(1)} +- ${error.toFixed(1)}`
}
