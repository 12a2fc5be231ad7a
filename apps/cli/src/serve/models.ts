/** The models that a process of the service uses. */
import {
  choosePrecision,
  ManifestError,
  type ModelsInUse,
  missingModels,
  modelsInUse,
  RefusedFileError,
} from '@obscura/engine/installed'
import type { Config } from '@obscura/shared'
import { CommandError } from '../command-error.js'
import { modelFolders } from '../models-folder.js'

/** Lines of /health about the models of a worker. */
export function healthLines({ profile, fingerprint, models }: ModelsInUse): string[] {
  return [
    `profile ${profile}`,
    `models ${fingerprint}`,
    ...models.map(({ name, sha256, precision }) => `model ${name} ${sha256} ${precision}`),
  ]
}

/**
 * @param mustExist their files are needed, too: without them a worker would postpone each task
 * @throws CommandError when a manifest or profile is invalid, the profile does not exist, or a file
 * that must exist does not
 */
export async function readModels(
  { OBSCURA_MODELS, ENGINE_PROFILE, ENGINE_PRECISION, ENGINE_DEVICE }: Config,
  mustExist: boolean,
): Promise<ModelsInUse> {
  const precision = choosePrecision(ENGINE_PRECISION, ENGINE_DEVICE)
  const folders = modelFolders(OBSCURA_MODELS)
  try {
    const missing = mustExist ? await missingModels(folders, ENGINE_PROFILE, precision) : []
    if (missing.length > 0)
      throw new CommandError(
        `The models cannot be used: ${missing[0]} is missing; run ./obscura prepare, or restore the file of your own model.`,
      )
    return await modelsInUse(folders, ENGINE_PROFILE, precision)
  } catch (error) {
    if (error instanceof ManifestError || error instanceof RefusedFileError)
      throw new CommandError(`The models cannot be used: ${error.message}. See docs/models.md.`)
    throw error
  }
}
