import { createHash } from 'node:crypto'
import { appendFile, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { Failure } from '../failure.js'
import { filesOf, type Item } from './plan.js'

/** What is kept of a finished image: what it was made from, how, and what came of it. */
interface Entry {
  image: string
  /** Size and time of change of the input. */
  input: string
  settings: string
  /** Bytes of each file that was written, by its path below the output folder. */
  files: Record<string, number>
}

/** `foreign`: a file of that name is there, but not by our hand. */
export type State = 'done' | 'open' | 'foreign'

/** The output folder: knows what is done, and writes whole files or none. */
export interface Results {
  state(item: Item): Promise<State>
  /** Writes all files of an item aside, then moves them into place. `contents` holds the bytes by path below the output folder. */
  write(item: Item, contents: ReadonlyMap<string, Uint8Array>): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the output folder, which is made when it does not exist. A hidden folder in it, `.obscura`, holds the journal of what was done and
 * the files being written; what a killed run left there is removed.
 * @param settings everything that decides how results look: with other settings an image is done again
 * @throws Failure when the folder cannot be written to
 */
export async function openResults(out: string, settings: unknown): Promise<Results> {
  const hidden = path.join(out, '.obscura')
  const aside = path.join(hidden, `writing-${process.pid}`)
  const journal = path.join(hidden, 'done.jsonl')
  try {
    await mkdir(hidden, { recursive: true })
    await removeLeftovers(hidden)
    await mkdir(aside, { recursive: true })
  } catch (error) {
    throw new Failure(`Cannot write to ${out}: ${(error as Error).message}. Choose another folder with --out.`)
  }
  const entries = await readJournal(journal)
  const fingerprint = createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 16)
  let count = 0

  return {
    async state(item) {
      const entry = entries.get(item.image)
      const size = await bytes(path.join(out, item.image))
      if (!entry) return size === undefined ? 'open' : 'foreign'
      if (entry.settings !== fingerprint || entry.input !== (await describe(item.file))) return 'open'
      for (const name of filesOf(item)) {
        if (entry.files[name] === undefined || (await bytes(path.join(out, name))) !== entry.files[name]) return 'open'
      }
      return 'done'
    },

    async write(item, contents) {
      const names = filesOf(item)
      const moves = names.map(name => ({
        from: path.join(aside, String(count++)),
        to: path.join(out, name),
        body: contents.get(name)!,
      }))
      try {
        await mkdir(path.dirname(path.join(out, item.image)), { recursive: true })
        for (const { from, body } of moves) await writeDurably(from, body)
        // Noted before the files move into place: killed in between, the journal speaks of files that are not there, and the image is done again.
        const files = Object.fromEntries(names.map(name => [name, contents.get(name)!.length]))
        const entry: Entry = { image: item.image, input: await describe(item.file), settings: fingerprint, files }
        await appendFile(journal, `${JSON.stringify(entry)}\n`)
        entries.set(item.image, entry)
        for (const { from, to } of moves) await rename(from, to)
      } finally {
        await Promise.all(moves.map(({ from }) => rm(from, { force: true })))
      }
    },

    close: () => rm(aside, { recursive: true, force: true }),
  }
}

/** Removes the half-written files of runs that are no more. */
async function removeLeftovers(hidden: string): Promise<void> {
  for (const name of await readdir(hidden)) {
    const pid = Number(/^writing-(\d+)$/.exec(name)?.[1])
    if (pid && !isAlive(pid)) await rm(path.join(hidden, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function readJournal(journal: string): Promise<Map<string, Entry>> {
  const text = await readFile(journal, 'utf8').catch(() => '')
  // The last line of a killed run may be cut off: what follows must begin on a line of its own.
  if (text !== '' && !text.endsWith('\n')) await appendFile(journal, '\n')
  const entries = new Map<string, Entry>()
  for (const line of text.split('\n')) {
    try {
      const entry: Entry = JSON.parse(line)
      entries.set(entry.image, entry)
    } catch {
      // Cut off, or empty.
    }
  }
  return entries
}

async function writeDurably(file: string, body: Uint8Array): Promise<void> {
  const handle = await open(file, 'w')
  try {
    await handle.writeFile(body)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function bytes(file: string): Promise<number | undefined> {
  return (await stat(file).catch(() => undefined))?.size
}

async function describe(file: string): Promise<string> {
  const { size, mtimeMs } = await stat(file)
  return `${size} ${mtimeMs}`
}
