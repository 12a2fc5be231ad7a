/** Options that several benchmarks share. */
import { PRECISIONS, type PrecisionSetting } from '@obscura/engine'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { repositoryPath } from './repository.js'

/** Reads the value of an option as a positive number. @throws InvalidArgumentError */
export function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('Expected a positive number.')
  return value
}

/** Adds one more value to an option that may be repeated; the first replaces the default. */
export function repeatable(defaults: readonly string[] = []) {
  let isFirst = true
  return (value: string, previous: string[] = [...defaults]): string[] => {
    const kept = isFirst ? [] : previous
    isFirst = false
    return [...kept, value]
  }
}

/** Folders of models. */
export interface ModelOptions {
  models: string
  ownModels?: string
}

/** Where the engine finds the models that the options name. */
export function foldersOf({ models, ownModels }: ModelOptions) {
  return { modelsFolder: models, ownModels }
}

/** Adds the options for folders of models. */
export function withModels(command: Command): Command {
  return command
    .option('--models <folder>', 'manifests and networks', repositoryPath('models'))
    .option('--own-models <folder>', 'models and profiles of your own (default: OBSCURA_MODELS)', process.env.OBSCURA_MODELS)
}

/** How detectors compute. */
export interface PrecisionOptions {
  precision: PrecisionSetting
}

/** Adds the option for the precision. */
export function withPrecision(command: Command): Command {
  return command.addOption(
    new Option('--precision <kind>', 'how detectors compute: auto as the engine chooses').choices(PRECISIONS).default('auto'),
  )
}

/** The folder of labelled photos. */
export interface DataOptions {
  data: string
}

/** Labelled photos, with more labels in another file. */
export interface LabelOptions extends DataOptions {
  moreLabels?: string
}

/** Adds the options for labelled photos and more labels. */
export function withLabels(command: Command): Command {
  return withData(command).option(
    '--more-labels <file>',
    'more objects of these photos, such as those in bench/labels: a list of {image, objects}',
  )
}

/** Adds the option for labelled photos. */
export function withData(command: Command): Command {
  return command.requiredOption('--data <folder>', 'labelled photos: a folder with annotations.json, see bench/README.md')
}
