import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CLASSES, type ObjectClass } from '@obscura/engine'
import { readInstalled } from '@obscura/engine/installed'
import type { DetectorManifest } from '@obscura/engine/manifest'
import { columns } from '../../columns.js'
import { CommandError } from '../../command-error.js'
import { showProgress } from '../../images/progress.js'
import { modelFolders, ownFolder } from '../../models-folder.js'
import { writeManifest } from '../own-folder.js'
import { openTrial } from '../trial.js'
import { isComplete, judge, type LabelledPhoto, readLabelled } from './labelled.js'
import { fitPlatt, type Sample } from './platt.js'

/** The flags of `obscura models calibrate`. */
export interface CalibrateFlags {
  data: string
  limit?: number
  dryRun?: boolean
}

/** Raw scores below this are not looked at, as in the engine. */
const LOWEST_SCORE = 0.05
/** With fewer samples of either kind a fit says little. */
const MIN_SAMPLES = 20

/**
 * Fits the scores of a model of one's own on labelled photos, and writes the result to its
 * manifest.
 * @throws CommandError for a built-in model, without photos of its classes, or with too few
 * detections
 */
export async function calibrate(name: string, { data, limit = Number.POSITIVE_INFINITY, dryRun }: CalibrateFlags): Promise<void> {
  const model = await ownModel(name)
  const classes = CLASSES.filter(of => Object.values(model.manifest.classes).includes(of))
  const all = (await readLabelled(data)).filter(photo => classes.some(of => isComplete(photo, of)))
  const photos = spread(all, limit)
  if (photos.length === 0) throw new CommandError(`${data} has no photo in which every ${classes.join(' or ')} is labelled.`)
  const samples = await collect(model, classes, data, photos)
  const rows = classes.map(of => describe(of, samples.get(of) ?? []))
  console.log(columns([['CLASS', 'TRUE', 'FALSE', 'a, b', 'RAW SCORE OF 50 %'], ...rows.map(({ row }) => row)]))
  const fits = Object.fromEntries(rows.flatMap(({ of, fit }) => (fit ? [[of, fit]] : [])))
  if (Object.keys(fits).length === 0)
    throw new CommandError(
      `Too few detections: a class needs ${MIN_SAMPLES} true and ${MIN_SAMPLES} false ones. Use more photos.`,
    )
  if (dryRun) return
  await writeManifest(model.folder, withCalibration(model.manifest, fits))
  console.log(`\nWritten to the manifest of ${name}. Restart the service to use it.`)
}

/** At most `limit` items from all over a list: photos of one source lie together. */
function spread<T>(items: readonly T[], limit: number): T[] {
  const step = Math.max(1, items.length / limit)
  return Array.from({ length: Math.min(items.length, limit) }, (_, i) => items[Math.floor(i * step)])
}

interface OwnModel {
  manifest: DetectorManifest
  folder: string
}

async function ownModel(name: string): Promise<OwnModel> {
  const { models } = await readInstalled(modelFolders())
  const model = models.find(({ manifest }) => manifest.name === name)
  if (!model) throw new CommandError(`The model ${name} is not installed. obscura models list shows the installed models.`)
  const { manifest, folder } = model
  if (folder !== ownFolder()) throw new CommandError(`${name} is built in and calibrated.`)
  if (manifest.task !== 'detect') throw new CommandError(`${name} outlines objects: it has no scores.`)
  return { manifest, folder }
}

async function collect(
  { manifest, folder }: OwnModel,
  classes: readonly ObjectClass[],
  data: string,
  photos: readonly LabelledPhoto[],
): Promise<Map<ObjectClass, Sample[]>> {
  const samples = new Map<ObjectClass, Sample[]>(classes.map(of => [of, []]))
  const trial = await openTrial(manifest, folder)
  const progress = showProgress(photos.length)
  try {
    for (const photo of photos) {
      progress.begun(photo.image)
      const { detections } = await trial.detect(await readFile(join(data, photo.image)), LOWEST_SCORE)
      for (const of of classes.filter(name => isComplete(photo, name)))
        samples.get(of)!.push(
          ...judge(
            photo,
            of,
            detections.filter(({ class: found }) => found === of),
          ),
        )
      progress.finished(photo.image)
    }
  } finally {
    progress.stop()
    await trial.close()
  }
  return samples
}

function describe(of: ObjectClass, samples: readonly Sample[]) {
  const positives = samples.filter(({ isTrue }) => isTrue).length
  const negatives = samples.length - positives
  const enough = Math.min(positives, negatives) >= MIN_SAMPLES
  const fit = enough ? fitPlatt(samples)?.map(value => Number(value.toFixed(2))) : undefined
  const half = fit && 1 / (1 + Math.exp(fit[1] / fit[0]))
  const told = fit ? [fit.join(', '), half!.toFixed(2)] : ['too few detections', '-']
  return { of, fit, row: [of, String(positives), String(negatives), ...told] }
}

/** The manifest with the fits in every profile that has passes. */
function withCalibration(manifest: DetectorManifest, fits: Record<string, number[]>): DetectorManifest {
  const profiles = Object.entries(manifest.profiles).map(([profile, part]) => [
    profile,
    part && { ...part, calibration: { ...part.calibration, ...fits } },
  ])
  return { ...manifest, profiles: Object.fromEntries(profiles) }
}
