import { CLASSES, type ObjectClass } from '@obscura/engine'
import type { Verdict } from '../accuracy/judge.js'
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
 * A Markdown table: covered recall by class and place, and its difference to the same objects on the horizon (at the seam: to the panorama turned),
 * in points, with its standard error.
 */
export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = CLASSES.filter(name => outcomes.some(outcome => outcome.name === name)).flatMap(name =>
    PLACES.filter(place => outcomes.some(outcome => outcome.place === place)).map(place => rowOf(outcomes, name, place)),
  )
  return [
    '| class | place | objects | covered %: rectangles / outlines | rectangles: difference, points | outlines | false a photo |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

function rowOf(outcomes: readonly Outcome[], name: ObjectClass, place: PlaceName): string {
  const here = outcomes.filter(outcome => outcome.name === name && outcome.place === place)
  const verdicts = here.flatMap(outcome => outcome.verdicts)
  const percent = (form: Form) => ((100 * verdicts.filter(({ covered }) => covered[form]).length) / verdicts.length).toFixed(1)
  const others = outcomes
    .filter(outcome => outcome.name === name && outcome.place === COMPARED[place])
    .flatMap(outcome => outcome.verdicts)
  const difference = (form: Form) => (COMPARED[place] ? paired(verdicts, others, form) : '')
  const counted = here.filter(({ wrong }) => wrong !== undefined)
  const wrong =
    counted.length === 0 ? '-' : (counted.reduce((sum, { wrong }) => sum + (wrong ?? 0), 0) / counted.length).toFixed(2)
  const cells = [
    name,
    place,
    verdicts.length,
    `${percent('rectangles')} / ${percent('outlines')}`,
    difference('rectangles'),
    difference('outlines'),
    wrong,
  ]
  return `| ${cells.join(' | ')} |`
}

/** Mean difference over the objects that both places have, in points, and its standard error. */
function paired(verdicts: readonly Verdict[], others: readonly Verdict[], form: Form): string {
  const before = new Map(others.map(({ object, covered }) => [object, Number(covered[form])]))
  const differences = verdicts.flatMap(({ object, covered }) => {
    const other = before.get(object)
    return other === undefined ? [] : [100 * (Number(covered[form]) - other)]
  })
  const count = differences.length
  if (count < 2) return '-'
  const mean = differences.reduce((sum, value) => sum + value, 0) / count
  const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1)
  return `${mean >= 0 ? '+' : ''}${mean.toFixed(1)} +- ${Math.sqrt(variance / count).toFixed(1)}`
}
