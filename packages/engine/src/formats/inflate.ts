import { inflateSync } from 'node:zlib'

/** Remaining bytes that the compressed metadata of one file may inflate to, all blocks together. */
export interface InflateBudget {
  bytes: number
}

/** Twice the size of the largest colour profiles. */
export const MAX_INFLATED = 8 * 1024 ** 2

/** Minimum cost of a block: many small ones take time as well. */
const MIN_COST = 64 * 1024

/** Maximum compression ratio of deflate. (zlib, "Maximum Compression Factor") */
const MAX_FACTOR = 1032

/** A compressed block cannot be read: the message says why, as a sentence. */
export class InflateError extends Error {
  override readonly name = 'InflateError'
}

/**
 * Inflates one block and subtracts its cost from the budget.
 * @param data zlib format
 * @throws InflateError when the block is damaged or exceeds the remaining budget
 */
export function inflateWithin(budget: InflateBudget, data: Uint8Array): Uint8Array {
  // A damaged block may have cost as much as a sound one before the damage shows.
  const worst = Math.max(MIN_COST, Math.min(budget.bytes, data.length * MAX_FACTOR))
  if (budget.bytes < MIN_COST) throw exceeded()
  try {
    const inflated = inflateSync(data, { maxOutputLength: budget.bytes })
    budget.bytes -= Math.max(MIN_COST, inflated.length)
    return inflated
  } catch (error) {
    budget.bytes -= worst
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw exceeded()
    throw new InflateError('Damaged compressed metadata was removed.')
  }
}

function exceeded(): InflateError {
  return new InflateError(`Metadata beyond ${MAX_INFLATED / 1024 ** 2} MiB was removed.`)
}
