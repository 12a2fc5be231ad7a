import { readInstalled, select } from '@obscura/engine/installed'
import type { Manifest } from '@obscura/engine/manifest'
import { columns } from '../columns.js'
import { CommandError } from '../command-error.js'
import { MODELS_FOLDER, modelFolders, ownFolder } from '../models-folder.js'
import { type Entry, entryNamed, findsOf, readCatalogue } from './catalogue.js'
import { fields, megabytes } from './tell.js'

/** Prints the models that are here, and those of the catalogue. */
export async function list(): Promise<void> {
  const installed = await readInstalled(modelFolders())
  const uses = [...installed.profiles.keys()].map(name => [name, modelsOf(installed, name)] as const)
  const rows = installed.models.map(({ manifest, folder }) => [
    manifest.name,
    findsIn(manifest).join(', '),
    uses.flatMap(([profile, names]) => (names.has(manifest.name) ? [profile] : [])).join(', ') || '-',
    manifest.licence,
    folder === MODELS_FOLDER ? 'built in' : 'your own',
  ])
  console.log(`${columns([['MODEL', 'FINDS', 'PROFILES', 'LICENCE', 'FROM'], ...rows])}\n`)
  const here = new Set(installed.models.map(({ manifest }) => manifest.name))
  const catalogue = readCatalogue().map(entry => [
    entry.name,
    findsOf(entry).join(', '),
    accuracy(entry),
    entry.licence,
    megabytes(entry.bytes),
    here.has(entry.name) ? 'installed' : entry.url ? '' : 'by hand',
  ])
  console.log(columns([['IN THE CATALOGUE', 'FINDS', 'AP', 'LICENCE', 'SIZE', ''], ...catalogue]))
  console.log(`\nYour own models are in ${ownFolder()}. obscura models add NAME adds one of the catalogue.`)
}

type Installed = Awaited<ReturnType<typeof readInstalled>>

/** The names of the models that a profile uses. */
export function modelsOf(installed: Installed, profile: string): Set<string> {
  const { detectors, segmenter } = select(installed, profile)
  return new Set([...detectors, ...(segmenter ? [segmenter] : [])].map(({ manifest }) => manifest.name))
}

/** Classes that a model finds, or `outlines`. */
export function findsIn(manifest: Manifest): string[] {
  return manifest.task === 'segment' ? ['outlines'] : [...new Set(Object.values(manifest.classes))]
}

function accuracy({ ap, apOf }: Entry): string {
  return ap === undefined ? '-' : `${ap.toFixed(1)}${apOf ? ` ${apOf}` : ''}`
}

/**
 * Prints what is known of a model that is here or in the catalogue.
 * @throws CommandError when there is no such model
 */
export async function show(name: string): Promise<void> {
  const { models } = await readInstalled(modelFolders())
  const model = models.find(({ manifest }) => manifest.name === name)
  if (model) {
    const { manifest, folder } = model
    console.log(`${manifest.title}, ${folder === MODELS_FOLDER ? 'built in' : 'your own'}: ${folder}/${manifest.file}\n`)
    return console.log(JSON.stringify(manifest, undefined, 2))
  }
  if (!readCatalogue().some(entry => entry.name === name))
    throw new CommandError(`The model ${name} is neither installed nor in the catalogue. obscura models list shows all models.`)
  console.log(aboutEntry(entryNamed(name)))
}

/** The published accuracy of an entry, if there is one. */
export function accuracyOf({ ap, apOf }: Entry): string | undefined {
  return ap === undefined ? undefined : `AP ${ap} on ${apOf ?? 'COCO val2017'} (published)`
}

/** What the catalogue says about an entry. */
export function aboutEntry(entry: Entry): string {
  return fields([
    ['model', entry.title],
    ['finds', findsOf(entry).join(', ')],
    ['accuracy', accuracyOf(entry)],
    ['licence', entry.licence],
    ['origin', entry.origin],
    ['training', entry.training],
    ['size', megabytes(entry.bytes)],
    ['SHA-256', entry.sha256],
    ['from', entry.url ?? `by hand: ${entry.page}`],
    ['replaces', entry.replaces.join(', ') || 'no model: it is used beside the others'],
    ['warning', entry.warning],
  ])
}
