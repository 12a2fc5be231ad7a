/**
 * Ranges of values, measured on photos. They are files of the repository: photos that may not be
 * published can have a part in them, and the build stays the same on every machine.
 */
import { readFile } from 'node:fs/promises'

/** The ends of the values of a tensor. */
export type Range = readonly [least: number, most: number]

/** A file of ranges (models/ranges). */
export interface Ranges {
  /** SHA-256 of the float model that was run: another one names its values differently. */
  model: string
  /** How they were made: photos, sizes, what counts as the end of a range. */
  made: string
  /** Convolutions, by their outputs, that lose too much in 8 bits and stay float. */
  float?: readonly string[]
  values: Record<string, Range>
}

/** @throws Error when they belong to another model */
export async function readRanges(file: string, modelSha256: string): Promise<Ranges> {
  const ranges: Ranges = JSON.parse(await readFile(file, 'utf8'))
  if (ranges.model !== modelSha256) {
    throw new Error(`${file} belongs to another model than ${modelSha256}: make it again as models/README.md says`)
  }
  return ranges
}

/** Scale and zero point of a value in 8 bits: real = (stored - zero) * scale. */
export interface Steps {
  scale: number
  zero: number
}

/** Steps that hold a range; 0 is always exact, as paddings and sums need it. */
export function stepsOf([least, most]: Range): Steps {
  const [low, high] = [Math.min(0, least), Math.max(0, most)]
  const scale = Math.fround((high - low) / 255 || 1e-6)
  return { scale, zero: Math.min(255, Math.max(0, Math.round(-low / scale))) }
}
