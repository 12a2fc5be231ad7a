/** What is kept in an output folder of the images that were finished there. */
import { constants } from 'node:fs'
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
  /** Reads what another command has added to the file. */
  refresh(): Promise<void>
  add(entry: Entry): Promise<void>
}

const fileOf = (out: string) => onDisk(path.join(out, HIDDEN, 'done.jsonl'))

/**
 * Opens the journal of an output folder whose hidden folder exists. @throws the system's error when
 * the journal cannot be read
 */
export async function openJournal(out: string): Promise<Journal> {
  const text = await readFile(fileOf(out), 'utf8').catch(ifMissing)
  // The last line of a killed run may be cut off: what follows must begin on a line of its own.
  if (text !== '' && !text.endsWith('\n')) await append(out, '\n')
  const entries = new Map(entriesIn(text).map(entry => [entry.image, entry]))
  let length = text.length
  return {
    of: image => entries.get(image),
    async refresh() {
      const newest = await readFile(fileOf(out), 'utf8').catch(ifMissing)
      if (newest.length === length) return
      length = newest.length
      for (const entry of entriesIn(newest)) entries.set(entry.image, entry)
    },
    async add(entry) {
      await append(out, `${JSON.stringify(entry)}\n`)
      entries.set(entry.image, entry)
    },
  }
}

/**
 * The files that earlier runs wrote into a folder, as paths below it, with the lengths in bytes
 * that they had; none where no run wrote.
 */
export async function resultsIn(folder: string): Promise<Map<string, Set<number>>> {
  const text = await readFile(fileOf(folder), 'utf8').catch(() => '')
  const results = new Map<string, Set<number>>()
  for (const { files } of entriesIn(text)) {
    for (const [name, length] of Object.entries(files)) results.set(name, (results.get(name) ?? new Set()).add(length))
  }
  return results
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

/** Not where a link leads, which somebody may have put there. */
function append(out: string, line: string): Promise<void> {
  const { O_APPEND, O_CREAT, O_NOFOLLOW = 0, O_WRONLY } = constants
  return appendFile(fileOf(out), line, { flag: O_APPEND | O_CREAT | O_NOFOLLOW | O_WRONLY })
}

function ifMissing(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return ''
  throw error
}
