/** Recall and false detections of the engine on labelled photos. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CLASSES, type ObjectClass } from '@obscura/engine'
import type { Command } from 'commander'
import sharp from 'sharp'
import {
  foldersOf,
  type LabelOptions,
  type ModelOptions,
  type PrecisionOptions,
  positive,
  repeatable,
  withLabels,
  withModels,
  withPrecision,
} from '../options.js'
import { mean } from '../report/statistics.js'
import type { Table } from '../report/table.js'
import { repositoryPath } from '../repository.js'
import { detectAll } from './detections.js'
import { figuresOf, table, total } from './figures.js'
import { type Photo, readLabels } from './labels.js'
import { measure, type Result } from './measure.js'
import { type Cell, writeSheet } from './sheet.js'
import { loadTools } from './tools.js'

interface Options extends LabelOptions, ModelOptions, PrecisionOptions {
  out: string
  profile: string
  class: ObjectClass[]
  source?: string[]
  limit?: number
  threads: number
  heads: boolean
  detections?: string
}

/** Cells of a contact sheet: this many misses, and as many false detections. */
const SHOWN = 50

export function command(command: Command): Command {
  return withPrecision(withModels(withLabels(command)))
    .option('--out <folder>', 'figures, all detections, and a contact sheet per class', repositoryPath('bench/out/accuracy'))
    .option('--profile <name>', 'profile: standard, fast, or one of your own', 'standard')
    .option('--class <name>', 'only this class; may be repeated', repeatable(CLASSES), [...CLASSES])
    .option('--source <name>', 'only photos from this source; repeatable', repeatable())
    .option('--no-heads', 'faces without the heads of persons in whom no face is found')
    .option('--detections <file>', 'those of the benchmark curves, instead of a search; continued if incomplete')
    .option('--limit <number>', 'approximate number of photos, evenly chosen', positive)
    .option('--threads <number>', 'threads per inference', positive, 1)
}

export async function run(options: Options): Promise<Table[]> {
  sharp.cache(false)
  const { data, out, class: classes, threads, profile, precision } = options
  const tools = await loadTools(foldersOf(options), { threads, profile, precision })
  const photos = choose(await readLabels(data, options.moreLabels), options)
  const file = options.detections
  const known = file ? await detectAll(photos, { ...options, detections: file }) : {}
  const results: Result[] = []
  for (const photo of photos) {
    results.push(
      await measure(data, photo, classes, tools.networks, tools.maskNet, { heads: options.heads, known: known[photo.image] }),
    )
    if (results.length % 50 === 0) console.error(`${results.length} of ${photos.length} photos`)
  }
  await tools.close()

  const rows = classes.flatMap(name => {
    const sources = [...new Set(results.filter(({ tallies }) => tallies.has(name)).map(({ photo }) => photo.source))]
    const figures = sources.map(source => ({ name, source, figures: figuresOf(total(talliesOf(results, name, source))) }))
    // Where no single object is labelled, only regions of several, nothing can be counted.
    return figures.filter(row => row.figures.objects > 0).sort((a, b) => b.figures.objects - a.figures.objects)
  })
  await mkdir(out, { recursive: true })
  await writeFile(join(out, 'accuracy.json'), JSON.stringify({ rows, photos: results.map(forJson) }, null, 1))
  for (const name of classes) await writeSheet(join(out, `${name}.png`), data, cellsOf(results, name))
  const milliseconds = mean(results.map(result => result.milliseconds)).toFixed(0)
  const time = file ? '' : `: ${milliseconds} ms a photo on average`
  const note = `${results.length} photos, profile ${profile}, precision ${precision}, ${threads} thread(s)${time}.`
  return [{ ...table(rows), note }]
}

function choose(photos: Photo[], { class: classes, source: sources, limit }: Options): Photo[] {
  const fitting = photos.filter(
    ({ labelled, source }) => classes.some(name => labelled.includes(name)) && (sources?.includes(source) ?? true),
  )
  const step = limit ? Math.max(1, Math.floor(fitting.length / limit)) : 1
  return fitting.filter((_, i) => i % step === 0)
}

function talliesOf(results: readonly Result[], name: ObjectClass, source: string) {
  return results.filter(({ photo }) => photo.source === source).flatMap(({ tallies }) => tallies.get(name) ?? [])
}

/** Misses, largest first, then false detections, best score first. */
function cellsOf(results: readonly Result[], name: ObjectClass): Cell[] {
  const misses = results
    .flatMap(({ photo, tallies }) => (tallies.get(name)?.matches ?? []).map(verdict => ({ photo, verdict })))
    .filter(({ verdict }) => !verdict.covered.rectangles)
    .sort((a, b) => b.verdict.size - a.verdict.size)
    .map(({ photo, verdict }) => ({
      image: photo.image,
      box: verdict.object.bbox,
      caption: `missed, ${verdict.size.toFixed(0)} px`,
      colour: '#ff4040',
    }))
  const wrong = results
    .flatMap(({ photo, wrong }) => wrong.filter(detection => detection.class === name).map(detection => ({ photo, detection })))
    .sort((a, b) => b.detection.score - a.detection.score)
    .map(({ photo, detection }) => ({
      image: photo.image,
      box: detection.box,
      caption: `false, ${detection.score.toFixed(2)}`,
      colour: '#ffd000',
    }))
  return [...misses.slice(0, SHOWN), ...wrong.slice(0, SHOWN)]
}

function forJson({ photo, detections, milliseconds }: Result) {
  return { image: photo.image, milliseconds: Math.round(milliseconds), detections }
}
