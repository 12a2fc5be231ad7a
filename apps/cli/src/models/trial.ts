/** Runs one model alone, in the engine's child, within its limits. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CLASSES, createEngine, DEFAULT_PARAMETERS, type Engine, EngineError, type Output } from '@obscura/engine'
import type { DetectorManifest } from '@obscura/engine/manifest'
import { CommandError } from '../command-error.js'
import { MODELS_FOLDER } from '../models-folder.js'
import { filesOf, linkOrCopy, writeManifest, writeWhole } from './own-folder.js'

/** A model that is loaded alone, to be tried. */
export interface Trial {
  /** Finds what the model sees, with its raw scores from `threshold` on. */
  detect(image: Uint8Array, threshold: number): Promise<Output>
  close(): Promise<void>
}

/** The profile of a trial: the model alone, whose scores nothing changes. */
const ALONE = { combine: 'best', cluster: 1, final: { whole: [1, 0], tiles: [1, 0] }, grow: [0, 0] }

/**
 * Prepares a model to be run alone over whole images, without the calibration of its scores.
 * @param folder holds the files of the manifest
 */
export async function openTrial(manifest: DetectorManifest, folder: string): Promise<Trial> {
  const own = await mkdtemp(join(tmpdir(), 'obscura-trial-'))
  const { standard, fast } = manifest.profiles
  const passes = (standard ?? fast)?.passes ?? [{}]
  const profile = {
    name: 'trial',
    models: { [manifest.name]: { passes, tiles: [], calibration: {} } },
    classes: Object.fromEntries(CLASSES.map(name => [name, ALONE])),
    tilings: [],
  }
  for (const { file } of filesOf(manifest)) await linkOrCopy(join(folder, file), join(own, file))
  await writeManifest(own, manifest)
  await writeWhole(join(own, 'profiles/trial.json'), JSON.stringify(profile))
  const engine: Engine = createEngine({ modelsFolder: MODELS_FOLDER, ownModels: own, profile: 'trial', children: 1 })
  const found = new Set(Object.values(manifest.classes))
  return {
    detect(image, threshold) {
      const perClass = CLASSES.flatMap(name => [
        [name, found.has(name)],
        [`${name}_threshold`, threshold],
      ])
      const parameters = {
        ...DEFAULT_PARAMETERS,
        ...Object.fromEntries(perClass),
        anonymization_method: 'detect',
        bbox: true,
      } as const
      return engine.anonymize(image, parameters).catch(error => {
        throw error instanceof EngineError ? new CommandError(`${manifest.name} does not work. ${error.message}`) : error
      })
    },
    async close() {
      await engine.close()
      await rm(own, { recursive: true, force: true })
    },
  }
}
