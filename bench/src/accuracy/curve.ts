/**
 * Average precision, and recall at fixed rates of false detections: figures that no threshold
 * hides.
 */
import { join } from 'node:path'
import { type Box, CLASSES, grow, type ObjectClass } from '@obscura/engine'
import { detect } from '@obscura/engine/internals'
import type { Command } from 'commander'
import sharp from 'sharp'
import {
  type DataOptions,
  foldersOf,
  type ModelOptions,
  type PrecisionOptions,
  positive,
  repeatable,
  withData,
  withModels,
  withPrecision,
} from '../options.js'
import type { Table } from '../report/table.js'
import { atFalseRate, averagePrecision, type Curve, curveOf, joinCurves } from './curve-figures.js'
import { decode } from './decode.js'
import { readLabels } from './labels.js'
import { loadTools } from './tools.js'

interface Options extends DataOptions, ModelOptions, PrecisionOptions {
  profile: string
  class: ObjectClass[]
  source?: string[]
  threads: number
}

/** False detections a photo. */
const RATES = [0.2, 0.3, 0.6, 1]

/** Detections below do not change the figures. */
const FLOOR = 0.01
const THRESHOLDS = { face: FLOOR, person: FLOOR, license_plate: FLOOR, vehicle: FLOOR }

export function command(command: Command): Command {
  return withPrecision(withModels(withData(command)))
    .option('--profile <name>', 'profile: standard, fast, or one of your own', 'standard')
    .option('--class <name>', 'only this class; may be repeated', repeatable(CLASSES), [...CLASSES])
    .option('--source <name>', 'only photos from this source; repeatable', repeatable())
    .option('--threads <number>', 'threads per inference', positive, 1)
}

export async function run(options: Options): Promise<Table[]> {
  const { data, class: classes, source: sources, threads, profile, precision } = options
  sharp.cache(false)
  const { networks, close } = await loadTools(foldersOf(options), { threads, profile, precision })
  const curves = new Map<ObjectClass, { source: string; curve: Curve }[]>(classes.map(name => [name, []]))
  const photos = (await readLabels(data)).filter(
    photo => classes.some(name => photo.labelled.includes(name)) && (sources?.includes(photo.source) ?? true),
  )
  for (const photo of photos) {
    const wanted = classes.filter(name => photo.labelled.includes(name))
    const raster = await decode(join(data, photo.image))
    const found = await detect(raster, { classes: wanted, format: 'whole', thresholds: THRESHOLDS }, networks)
    for (const name of wanted) {
      const [x, y] = networks.profile.fusion[name].grow
      const boxOf = (box: Box) => grow(box, -x / (1 + 2 * x), -y / (1 + 2 * y))
      curves.get(name)!.push({ source: photo.source, curve: curveOf(photo, name, found, boxOf) })
    }
  }
  await close()
  const rows = [...curves].flatMap(([name, all]) => {
    const parts = [...new Set(all.map(({ source }) => source))].map(
      of => [of, all.filter(({ source }) => source === of)] as const,
    )
    const listed = parts.length > 1 ? [...parts, ['all', all] as const] : parts
    return listed.map(([source, part]) => rowOf(name, source, joinCurves(part.map(({ curve }) => curve))))
  })
  const head = ['class', 'source', 'objects', 'AP50', ...RATES.map(rate => `${rate} false a photo: score, IoU/covered %`)]
  return [{ head, rows, note: `${photos.length} photos, profile ${profile}; covered: rectangles.` }]
}

function rowOf(name: string, source: string, curve: Curve) {
  const figures = RATES.map(rate => {
    if (curve.complete === 0) return '-'
    const { threshold, found, covered } = atFalseRate(curve, rate)
    return `${threshold.toFixed(2)} ${(100 * found).toFixed(1)}/${(100 * covered).toFixed(1)}`
  })
  const precision = curve.complete === 0 ? '-' : (100 * averagePrecision(curve)).toFixed(1)
  return [name, source, curve.objects.length, precision, ...figures]
}
