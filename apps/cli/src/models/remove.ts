import { readInstalled } from '@obscura/engine/installed'
import { CommandError } from '../command-error.js'
import { modelFolders, ownFolder } from '../models-folder.js'
import { removeModel } from './own-folder.js'

/**
 * Removes a model of one's own.
 * @throws CommandError when there is none of this name, or a profile needs it
 */
export async function remove(name: string): Promise<void> {
  const folder = ownFolder()
  const { models, profiles } = await readInstalled(modelFolders())
  const model = models.find(({ manifest }) => manifest.name === name)
  if (!model) throw new CommandError(`The model ${name} is not installed. obscura models list shows the installed models.`)
  if (model.folder !== folder)
    throw new CommandError(`${name} is built in. To do without it, write a profile that names the models to use: docs/models.md.`)
  const user = [...profiles.values()].find(profile => profile.models && name in profile.models)
  if (user)
    throw new CommandError(`The profile ${user.name} names ${name}. Change or delete ${folder}/profiles/${user.name}.json first.`)
  await removeModel(folder, model.manifest)
  console.log(`Removed ${name}.`)
}
