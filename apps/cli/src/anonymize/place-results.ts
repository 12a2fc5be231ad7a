import { rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { onDisk, printable } from '../file-names.js'
import { insideFolder } from './folder-inside.js'
import { identify } from './plan.js'

/** A file to be moved. */
export interface Move {
  /** Path of the temporary file. */
  from: string
  /** Its final path below the output folder; all files of an image are in one folder. */
  name: string
}

/**
 * Moves the files of each image into place, all or none. Some file systems treat two names as equal
 * (a.jpg and A.JPG, or two encodings of an accent): a file that would replace another result of
 * this run is refused.
 */
export function createPlacer(out: string): (moves: readonly Move[], before: () => Promise<void>) => Promise<void> {
  const names = new Map<string, string>()
  let last: Promise<void> = Promise.resolve()

  async function placeIn(folder: string, moves: readonly Move[], before: () => Promise<void>): Promise<void> {
    for (const { name } of moves) {
      const identity = await identify(path.join(out, name))
      const other = identity && names.get(identity)
      if (other === undefined || other === name) continue
      // A file that another command replaced leaves its inode number to the next one written.
      if ((await identify(path.join(out, other))) === identity) {
        throw new Error(
          `${printable(name)} and ${printable(other)}, another result, are the same file on this disk; use another --out`,
        )
      }
    }
    await before()
    const placed: string[] = []
    try {
      for (const { from, name } of moves) {
        const to = path.join(folder, path.basename(name))
        await rename(onDisk(from), onDisk(to))
        placed.push(to)
        const identity = await identify(to)
        if (identity) names.set(identity, name)
      }
    } catch (error) {
      await Promise.all(placed.map(file => rm(onDisk(file), { force: true })))
      throw error
    }
  }

  return (moves, before) => {
    const below = path.dirname(moves[0].name)
    const done = last.then(() => insideFolder(out, below, folder => placeIn(folder, moves, before)))
    last = done.catch(() => {})
    return done
  }
}
