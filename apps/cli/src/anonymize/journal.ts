/** What is kept in an output folder of the images that were finished there. */
import { appendFile, readFile } from 'node:fs/promises'
import path from 'node:path'
import { onDisk } from '../file-names.js'

/** The hidden folder of an output folder, for the journal and the files being written. */
export const HIDDEN = '.obscura'

/** One finished image: what it was made from, how, and what came of it. */
export interface Entry {
  image: string
  /** Tells one version of the input from another. */
  input: string
  settings: string
  /** Bytes of each file that was written, by its path below the output folder. */
  files: Record<string, number>
}

export interface Journal {
  /** The newest entry of an image. */
  of(image: string): Entry | undefined
  add(entry: Entry): Promise<void>
}

const fileOf = (out: string) => onDisk(path.join(out, HIDDEN, 'done.jsonl'))

/**
 * Opens the journal of an output folder whose hidden folder is there. @throws the system's error
 * when there is one that cannot be read
 */
export async function openJournal(out: string): Promise<Journal> {
  const text = await readFile(fileOf(out), 'utf8').catch(ifMissing)
  // The last line of a killed run may be cut off: what follows must begin on a line of its own.
  if (text !== '' && !text.endsWith('\n')) await appendFile(fileOf(out), '\n')
  const entries = new Map(entriesIn(text).map(entry => [entry.image, entry]))
  return {
    of: image => entries.get(image),
    async add(entry) {
      await appendFile(fileOf(out), `${JSON.stringify(entry)}\n`)
      entries.set(entry.image, entry)
    },
  }
}

/** The files that earlier runs wrote into a folder, as paths below it; none where no run wrote. */
export async function resultsIn(folder: string): Promise<string[]> {
  const text = await readFile(fileOf(folder), 'utf8').catch(() => '')
  return entriesIn(text).flatMap(({ files }) => Object.keys(files))
}

function entriesIn(text: string): Entry[] {
  return text.split('\n').flatMap(line => {
    try {
      const entry = JSON.parse(line)
      return typeof entry?.image === 'string' && typeof entry.files === 'object' && entry.files ? [entry] : []
    } catch {
      // Cut off, or empty.
      return []
    }
  })
}

function ifMissing(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return ''
  throw error
}
