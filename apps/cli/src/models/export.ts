import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { readManifests, readProfiles } from '@obscura/engine/manifest'
import { create } from 'tar'
import { CommandError } from '../command-error.js'
import { ownFolder } from '../models-folder.js'
import { filesOf, hashOf } from './own-folder.js'
import { writeError } from './write-error.js'

/**
 * Packs one's own models and profiles into a tar file: unpacked, it is a folder for OBSCURA_MODELS.
 * @throws CommandError when there is none, a file does not match its manifest, or `out` cannot be
 * written
 */
export async function exportModels(out: string): Promise<void> {
  const folder = ownFolder()
  const [manifests, profiles] = existsSync(folder) ? await Promise.all([readManifests(folder), readProfiles(folder)]) : [[], []]
  if (manifests.length === 0 && profiles.length === 0)
    throw new CommandError(`${folder} has neither models nor profiles. Add one with obscura models add.`)
  const files = manifests.flatMap(manifest => filesOf(manifest).map(file => ({ name: manifest.name, ...file })))
  for (const { name, file, sha256 } of files) {
    const found = await hashOf(folder, file)
    if (found !== sha256)
      throw new CommandError(
        `The file ${file} of ${name} is ${found ? 'not that of its manifest' : 'missing'}. Remove the model and add it again.`,
      )
  }
  const paths = [
    ...manifests.map(({ name }) => `manifests/${name}.json`),
    ...files.map(({ file }) => file),
    ...profiles.map(({ name }) => `profiles/${name}.json`),
  ]
  const part = join(dirname(resolve(out)), `.${basename(out)}.part`)
  // All of them lie inside the folder, whatever links lead there: what is packed are the files.
  try {
    await create({ file: part, cwd: folder, portable: true, follow: true }, paths)
    await rename(part, out)
  } catch (error) {
    await rm(part, { force: true })
    throw writeError(out, error)
  }
  console.log(
    `Packed ${manifests.map(({ name }) => name).join(', ') || 'the profiles'} into ${out}. On the other machine: mkdir -p own-models && tar -xf ${basename(out)} -C own-models, and set OBSCURA_MODELS to that folder.`,
  )
}
