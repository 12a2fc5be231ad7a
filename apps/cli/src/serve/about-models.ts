import type { ModelInfo } from '@obscura/api'
import { type ModelFolders, readInstalled } from '@obscura/engine/installed'
import { readCatalogue } from '../models/catalogue.js'
import { accuracyOf, findsIn, modelsOf } from '../models/list.js'

/** The installed models as administrators see them. */
export async function aboutModels(folders: ModelFolders): Promise<ModelInfo[]> {
  const installed = await readInstalled(folders)
  const catalogue = readCatalogue()
  const uses = [...installed.profiles.keys()].map(name => [name, modelsOf(installed, name)] as const)
  return installed.models.map(({ manifest }) => {
    const { name, title, licence, origin, training } = manifest
    const entry = catalogue.find(other => other.name === name)
    return {
      ...{ name, title, licence, origin, training },
      finds: findsIn(manifest),
      profiles: uses.flatMap(([profile, names]) => (names.has(name) ? [profile] : [])),
      accuracy: (entry && accuracyOf(entry)) ?? null,
    }
  })
}
