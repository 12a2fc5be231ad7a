import { createHash } from 'node:crypto'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { Failure } from '../failure.js'
import { onDisk, printable } from '../file-names.js'
import { versionOf } from '../images/photo.js'
import { describeProblem } from '../images/problem.js'
import { asideFolder, removeLeftovers } from './aside.js'
import { HIDDEN, type Journal, openJournal } from './journal.js'
import { filesOf, type Item, identify } from './plan.js'

/** `foreign`: a file of that name is there, but not by our hand. */
export type State = 'done' | 'open' | 'foreign'

/** The output folder: knows what is done, and writes whole files or none. */
export interface Results {
  /** @throws the system's error where the results of an item cannot be named or reached */
  state(item: Item): Promise<State>
  /**
   * Writes all files of an item aside, then moves them into place. `contents` holds the bytes by path below the output folder, `input` is the version of
   * the photo that they were made from.
   */
  write(item: Item, input: string, contents: ReadonlyMap<string, Uint8Array>): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the output folder, which is made when it does not exist. A hidden folder in it, `.obscura`, holds the journal of what was done and
 * the files being written; what a killed run left there is removed.
 * @param settings everything that decides how results look: with other settings an image is done again
 * @throws Failure when the folder cannot be written to
 */
export async function openResults(out: string, settings: unknown): Promise<Results> {
  const hidden = path.join(out, HIDDEN)
  const aside = asideFolder(hidden)
  let journal: Journal
  try {
    await mkdir(onDisk(hidden), { recursive: true })
    await removeLeftovers(hidden)
    await mkdir(onDisk(aside), { recursive: true })
    journal = await openJournal(out)
  } catch (error) {
    throw new Failure(`Cannot write to ${printable(out)}: ${describeProblem(error)}. Choose another folder with --out.`)
  }
  const fingerprint = createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 16)
  const place = placer(out)
  let count = 0

  return {
    async state(item) {
      const sizes = new Map<string, number | undefined>()
      for (const name of filesOf(item)) sizes.set(name, await bytes(path.join(out, name)))
      const entry = journal.of(item.image)
      if (!entry) return sizes.get(item.image) === undefined ? 'open' : 'foreign'
      if (entry.settings !== fingerprint || entry.input !== (await versionOf(item.file))) return 'open'
      const isWhole = filesOf(item).every(name => entry.files[name] !== undefined && sizes.get(name) === entry.files[name])
      return isWhole ? 'done' : 'open'
    },

    async write(item, input, contents) {
      const moves = filesOf(item).map(name => ({ from: path.join(aside, String(count++)), name, body: contents.get(name)! }))
      try {
        await mkdir(onDisk(path.dirname(path.join(out, item.image))), { recursive: true })
        for (const { from, body } of moves) await writeDurably(from, body)
        // Noted before the files move into place: killed in between, the journal speaks of files that are not there, and the image is done again.
        const files = Object.fromEntries(moves.map(({ name, body }) => [name, body.length]))
        await place(moves, () => journal.add({ image: item.image, input, settings: fingerprint, files }))
      } finally {
        await Promise.all(moves.map(({ from }) => rm(onDisk(from), { force: true })))
      }
    },

    close: () => rm(onDisk(aside), { recursive: true, force: true }),
  }
}

interface Move {
  from: string
  /** Where it goes, as a path below the output folder. */
  name: string
}

/**
 * Moves the files of one image after the other into place, all or none. Some disks take two names for one (a.jpg and A.JPG, or an accent written in two
 * ways): what would replace another result of this run is refused.
 */
function placer(out: string): (moves: readonly Move[], before: () => Promise<void>) => Promise<void> {
  const names = new Map<string, string>()
  let last: Promise<void> = Promise.resolve()

  async function placeAll(moves: readonly Move[], before: () => Promise<void>): Promise<void> {
    for (const { name } of moves) {
      const identity = await identify(path.join(out, name))
      const other = identity && names.get(identity)
      if (other !== undefined && other !== name) {
        throw new Error(
          `on this disk ${printable(name)} is the same file as ${printable(other)}, which is a result too; use another --out`,
        )
      }
    }
    await before()
    const placed: string[] = []
    try {
      for (const { from, name } of moves) {
        const to = path.join(out, name)
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
    const done = last.then(() => placeAll(moves, before))
    last = done.catch(() => {})
    return done
  }
}

async function writeDurably(file: string, body: Uint8Array): Promise<void> {
  const handle = await open(onDisk(file), 'w')
  try {
    await handle.writeFile(body)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function bytes(file: string): Promise<number | undefined> {
  try {
    return (await stat(onDisk(file))).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
