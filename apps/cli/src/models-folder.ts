import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PROFILE_NAMES } from '@obscura/contract'
import { CommandError } from './command-error.js'

/** The folder models/ of the clone; the path is valid from src/ and from dist/. */
export const MODELS_FOLDER = fileURLToPath(new URL('../../../models', import.meta.url))

/**
 * The folder of one's own models: OBSCURA_MODELS, or own-models in the installation.
 * @throws CommandError when OBSCURA_MODELS names the folder of the built-in ones
 */
export function ownFolder(given = process.env.OBSCURA_MODELS): string {
  if (!given?.trim()) return join(MODELS_FOLDER, '../own-models')
  const own = resolve(given.trim())
  if (own === MODELS_FOLDER)
    throw new CommandError(`OBSCURA_MODELS names ${own}, the folder of the built-in models. Choose another folder, or unset it.`)
  return own
}

/** The names of the built-in profiles and of one's own. */
export function profileNames(): string[] {
  const folder = join(ownFolder(), 'profiles')
  const files = existsSync(folder) ? readdirSync(folder) : []
  const own = files.filter(file => file.endsWith('.json')).map(file => file.slice(0, -'.json'.length))
  return [...new Set([...PROFILE_NAMES, ...own])]
}

/**
 * Where the engine finds models. One's own folder counts once it has models or profiles.
 * @throws CommandError when OBSCURA_MODELS names a folder that does not exist, or the built-in one
 */
export function modelFolders(given = process.env.OBSCURA_MODELS): { modelsFolder: string; ownModels?: string } {
  const own = ownFolder(given)
  if (given?.trim() && !existsSync(own))
    throw new CommandError(`OBSCURA_MODELS names ${own}, which does not exist. Create the folder, or unset OBSCURA_MODELS.`)
  const isUsed = ['manifests', 'profiles'].some(part => existsSync(join(own, part)))
  return { modelsFolder: MODELS_FOLDER, ...(isUsed && { ownModels: own }) }
}
