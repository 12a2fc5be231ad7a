import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { access, lstat, mkdir, open, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { CommandError } from '../command-error.js'
import { onDisk, printable } from '../file-names.js'
import { type Found, readFound } from '../images/found.js'
import { HIDDEN, type Journal, openJournal } from '../images/journal.js'
import { describeProblem } from '../images/problem.js'
import { versionOf } from '../images/read-image.js'
import { diskOfImage } from './disk.js'
import { createPlacer } from './place-results.js'
import { filesOf, type Item } from './plan.js'
import { removeFiles } from './remove-files.js'
import { makeTemporaryFolder } from './temporary-folder.js'

/** `foreign`: a file of that name exists but was not written by us. */
export type State = 'done' | 'open' | 'foreign'

/** The output folder: knows which images are done, and writes complete files or none. */
export interface Results {
  /** @throws the system's error where the results of an item cannot be accessed */
  state(item: Item): Promise<State>
  /**
   * Writes all files of an item to the temporary folder, then moves them into place. `contents`
   * holds the bytes by path below the output folder, `input` is the version of the image that they
   * were made from; `found` is for reports.
   */
  write(item: Item, input: string, contents: ReadonlyMap<string, Uint8Array>, found?: Found): Promise<void>
  /** What was found in an image that is done; undefined when that was not recorded. */
  foundOf(image: string): Found | undefined
  /**
   * The images of the watched folder that are done, as paths below the output folder, with the disk
   * that each was on as far as it is known.
   */
  fromWatched(): Map<string, string | undefined>
  /**
   * Removes the files that were written for an image, also by earlier runs, as far as they are
   * still the same and not of another image, and folders that are empty then.
   * @throws the system's error
   */
  remove(image: string): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the output folder, creating it if missing. A hidden folder in it, `.obscura`, holds the
 * journal and the temporary files; what a killed run left there is removed.
 * @param settings everything that affects the results: with other settings an image is processed
 * again
 * @param watched the watched folder that the images come from: then no other command on this
 * machine may write there
 * @throws CommandError when the folder cannot be written to
 */
export async function openResults(out: string, settings: unknown, watched?: string): Promise<Results> {
  const hidden = path.join(out, HIDDEN)
  const fingerprint = createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 16)
  let aside: string
  let journal: Journal
  try {
    await mkdir(onDisk(hidden), { recursive: true })
    if (!(await lstat(onDisk(hidden))).isDirectory())
      throw new CommandError(`${printable(hidden)} is a link. Remove it, or choose another folder with --out.`)
    aside = await makeTemporaryFolder(hidden, fingerprint, watched !== undefined)
    journal = await openJournal(out)
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(`Cannot write to ${printable(out)}: ${await reasonFor(error, out)}. Choose another folder with --out.`)
  }
  const source = watched && createHash('sha256').update(path.resolve(watched)).digest('hex').slice(0, 16)
  const place = createPlacer(out)
  let count = 0

  return {
    async state(item) {
      const sizes = new Map<string, number | undefined>()
      for (const name of filesOf(item)) sizes.set(name, await bytes(path.join(out, name)))
      // Another command may have written the file since the journal was read.
      if (!journal.of(item.image) && sizes.get(item.image) !== undefined) await journal.refresh()
      const entry = journal.of(item.image)
      if (!entry) return sizes.get(item.image) === undefined ? 'open' : 'foreign'
      if (entry.settings !== fingerprint || entry.input !== (await versionOf(item.file))) return 'open'
      const isWhole = filesOf(item).every(name => entry.files[name] !== undefined && sizes.get(name) === entry.files[name])
      return isWhole ? 'done' : 'open'
    },

    async write(item, input, contents, found) {
      const moves = filesOf(item).map(name => ({ from: path.join(aside, String(count++)), name, body: contents.get(name)! }))
      try {
        for (const { from, body } of moves) await writeDurably(from, body)
        // Recorded before the files are moved into place: after a kill in between, the journal
        // lists files that do not exist, and the image is processed again.
        const files = Object.fromEntries(moves.map(({ name, body }) => [name, body.length]))
        const disk = watched === undefined ? undefined : await diskOfImage(item.file)
        const entry = { image: item.image, input, settings: fingerprint, source, disk, files, found }
        await place(moves, () => journal.add(entry))
      } finally {
        await Promise.all(moves.map(({ from }) => rm(onDisk(from), { force: true })))
      }
    },

    fromWatched: () => new Map(source === undefined ? [] : journal.from(source).map(({ image, disk }) => [image, disk])),

    async remove(image) {
      await removeFiles(out, journal.filesOf(image))
      await journal.remove(image)
    },

    foundOf: image => readFound(journal.of(image)?.found),

    close: () => rm(onDisk(aside), { recursive: true, force: true }),
  }
}

/** On a read-only disk Node.js reports ENOENT for the folder to be created. */
async function reasonFor(error: unknown, out: string): Promise<string> {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return describeProblem(error)
  for (let folder = path.resolve(out); ; folder = path.dirname(folder)) {
    const refusal = await access(onDisk(folder), constants.W_OK).catch((reason: NodeJS.ErrnoException) => reason)
    if (refusal?.code !== 'ENOENT') return describeProblem(refusal ?? error)
  }
}

async function writeDurably(file: string, body: Uint8Array): Promise<void> {
  // Not into what somebody else put there.
  const handle = await open(onDisk(file), 'wx')
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
