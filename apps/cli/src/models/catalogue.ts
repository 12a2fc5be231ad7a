/** The catalogue: published models of which file and layout are known, as data. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError } from '../command-error.js'
import { MODELS_FOLDER } from '../models-folder.js'
import { LAYOUTS } from './layouts/guess.js'
import type { Signature, TensorInfo } from './layouts/signature.js'

/** A tensor as [name, ...shape]. */
type Tensor = [name: string, ...shape: (number | string)[]]

/** A model of the catalogue. */
export interface Entry {
  name: string
  title: string
  /** A key of {@link LAYOUTS}. */
  layout: string
  /** SPDX. */
  licence: string
  origin: string
  training: string
  sha256: string
  /** Absent where nobody has stated it. */
  bytes?: number
  /** Where it is downloaded; absent: by hand, from `page`. */
  url?: string
  page?: string
  /** Built-in models that it is better than. */
  replaces: string[]
  /** Published average precision in percent, on COCO val2017 if `apOf` does not say otherwise. */
  ap?: number
  apOf?: string
  /** Something to know before using it. */
  warning?: string
  /** The network's classes, where they are not those of its layout. */
  classes?: Record<string, string>
  /** Inner values that become the outputs, see the manifest. */
  cut?: string[]
  inputs: Tensor[]
  outputs: Tensor[]
  /** Further inputs [1, 2] of float32, and outputs of int64. */
  further?: string[]
  int64?: string[]
}

/** All entries, in the order of the file. */
export function readCatalogue(): Entry[] {
  const file = join(MODELS_FOLDER, 'catalogue.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as { entries: Entry[] }).entries
}

/** @throws CommandError when the catalogue has no such entry */
export function entryNamed(name: string): Entry {
  const entry = readCatalogue().find(other => other.name === name)
  if (entry) return entry
  throw new CommandError(
    `${name} is not a model of the catalogue, a file or an https URL. obscura models list shows the catalogue.`,
  )
}

/** The tensors of an entry's file. */
export function signatureOf({ inputs, outputs, further = [], int64 = [] }: Entry): Signature {
  const tensor = ([name, ...shape]: Tensor): TensorInfo => ({ name, type: int64.includes(name) ? 'int64' : 'float32', shape })
  return {
    inputs: [...inputs.map(tensor), ...further.map(name => tensor([name, 1, 2]))],
    outputs: outputs.map(tensor),
  }
}

/**
 * What the layout of an entry says about its manifest.
 * @param maps inner values of its file, where that is there
 */
export function partsOf(entry: Entry, maps?: readonly string[]) {
  const read = LAYOUTS[entry.layout].read({ ...signatureOf(entry), maps })
  if (!read) throw new Error(`catalogue.json: the tensors of ${entry.name} do not fit the layout ${entry.layout}`)
  return read.parts
}

/** The classes of ours that an entry finds. */
export function findsOf(entry: Entry): string[] {
  const classes = entry.classes ?? partsOf(entry).classes
  if (typeof classes === 'object') return [...new Set(Object.values(classes))]
  return classes === 'face' ? ['face'] : ['person', 'vehicle']
}
