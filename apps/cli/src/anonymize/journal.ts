/** The journal in an output folder: which images were finished there. */
import { appendFile, readFile } from 'node:fs/promises'
import path from 'node:path'
import { onDisk } from '../file-names.js'

/** The hidden folder of an output folder, for the journal and the files being written. */
export const HIDDEN = '.obscura'

/** One finished image: its input, the settings, and the files written. */
export interface Entry {
  image: string
  /** Identifies a version of the input. */
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
 * Opens the journal of an output folder whose hidden folder exists. @throws the system's error
 * when the journal cannot be read
 */
export async function openJournal(out: string): Promise<Journal> {
  const text = await readFile(fileOf(out), 'utf8').catch(ifMissing)
  // The last line of a killed run may be incomplete: what follows must start on a new line.
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

/** The files that earlier runs wrote into a folder, as paths below it. */
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
      // Incomplete or empty.
      return []
    }
  })
}

function ifMissing(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return ''
  throw error
}
