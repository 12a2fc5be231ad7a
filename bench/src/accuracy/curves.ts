/** Recall against false detections: what each threshold of a class gives. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Box, CLASSES, type ObjectClass } from '@obscura/engine'
import type { Command } from 'commander'
import { type LabelOptions, type ModelOptions, positive, withLabels, withModels } from '../options.js'
import { plotLines } from '../report/plot-lines.js'
import type { Table } from '../report/table.js'
import { repositoryPath } from '../repository.js'
import { coverBox, coveredFraction, noCoverage } from './cover.js'
import { type Detections, defaultOf, detectAll, detectionsAt } from './detections.js'
import { type Photo, readLabels } from './labels.js'
import { COVERED, falseDetections, hasCompleteLabels } from './match.js'

interface Options extends LabelOptions, ModelOptions {
  detections: string
  figure: string
  limit?: number
}

/**
 * Photos of these sources are left out: networks were trained on the first, and the labels of the
 * second are regions of several objects.
 */
const LEFT_OUT = ['coco', 'camvid']

const THRESHOLDS = [0.9, 0.8, 0.7, 0.6, 0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.2]
const SHOWN = [0.3, 0.4, 0.5, 0.7]

export function command(command: Command): Command {
  return withModels(withLabels(command))
    .option(
      '--detections <file>',
      'detections by photo: continued if it exists',
      repositoryPath('bench/out/curves/detections.json'),
    )
    .option('--figure <file>', 'the figure', repositoryPath('bench/figures/curves.svg'))
    .option('--limit <number>', 'approximate number of photos, evenly chosen', positive)
}

export async function run(options: Options): Promise<Table[]> {
  const all = (await readLabels(options.data, options.moreLabels)).filter(({ source }) => !LEFT_OUT.includes(source))
  const step = options.limit ? Math.max(1, Math.floor(all.length / options.limit)) : 1
  const photos = all.filter((_, i) => i % step === 0)
  const detections = await detectAll(photos, options)
  // False ones can be counted only where all objects are labelled.
  const classes = CLASSES.filter(name => photos.some(photo => hasCompleteLabels(photo, name) && photo.labelled.includes(name)))
  const curves = classes.map(name => ({ name, points: THRESHOLDS.map(at => point(photos, detections, name, at)) }))
  await mkdir(dirname(options.figure), { recursive: true })
  await writeFile(options.figure, figure(curves))
  const rows = curves.flatMap(({ name, points }) =>
    points
      .filter(({ threshold }) => SHOWN.includes(threshold))
      .map(({ threshold, covered, falsePerPhoto }) => [
        name,
        `${threshold}${threshold === defaultOf(name) ? ' (default)' : ''}`,
        (100 * covered).toFixed(1),
        falsePerPhoto.toFixed(2),
      ]),
  )
  return [{ head: ['class', 'threshold', 'covered %', 'false a photo'], rows }]
}

function roundOut([x1, y1, x2, y2]: Box): Box {
  return [Math.floor(x1), Math.floor(y1), Math.ceil(x2), Math.ceil(y2)]
}

interface Point {
  threshold: number
  /** Fraction of the objects that rectangles cover. */
  covered: number
  /** Counted where all objects are labelled. */
  falsePerPhoto: number
}

function point(photos: readonly Photo[], detections: Detections, name: ObjectClass, threshold: number): Point {
  const sum = { objects: 0, covered: 0, complete: 0, wrong: 0 }
  for (const photo of photos) {
    if (!photo.labelled.includes(name)) continue
    const found = detectionsAt(threshold, detections[photo.image], name, photo)
    const coverage = noCoverage(photo)
    // As rectangles are rendered: every pixel that they touch.
    for (const { box } of found) coverBox(coverage, roundOut(box))
    for (const object of photo.objects) {
      if (object.type !== name || object.ignore || object.region) continue
      sum.objects++
      if (coveredFraction(coverage, object) >= COVERED) sum.covered++
    }
    if (!hasCompleteLabels(photo, name)) continue
    sum.complete++
    sum.wrong += falseDetections(photo, name, found).length
  }
  return { threshold, covered: sum.covered / sum.objects, falsePerPhoto: sum.wrong / sum.complete }
}

function figure(curves: readonly { name: ObjectClass; points: readonly Point[] }[]): string {
  const place = ({ falsePerPhoto, covered }: Point) => [round(falsePerPhoto), round(100 * covered)] as const
  const lines = curves.map(({ name, points }) => ({
    name: name.replace('_', ' '),
    points: points.filter(({ falsePerPhoto }) => falsePerPhoto <= MAX_FALSE).map(place),
    marked: place(points.find(({ threshold }) => threshold === defaultOf(name))!),
  }))
  return plotLines('Covered % of the objects by false detections a photo; large: the default threshold', lines)
}

/** Beyond, nobody would work. */
const MAX_FALSE = 2

function round(value: number): number {
  return Math.round(value * 100) / 100
}
