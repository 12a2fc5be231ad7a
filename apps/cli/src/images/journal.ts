/** What is kept in an output folder of the images that were finished there. */
import { constants } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import path from 'node:path'
import { onDisk, printable } from '../file-names.js'
import type { Found } from './found.js'
import { readRegularFile } from './read-file.js'

/** The hidden folder of an output folder, for the journal and the files being written. */
export const HIDDEN = '.obscura'

/** One finished image: its input, the settings, and the files written. */
export interface Entry {
  image: string
  /** Identifies a version of the input. */
  input: string
  settings: string
  /** Identifies the watched folder that it came from. */
  source?: string
  /** The disk that an image of a watched folder was on. */
  disk?: string
  /** Bytes of each file that was written, by its path below the output folder. */
  files: Record<string, number>
  /** What was found in it, for reports; earlier versions did not record it. */
  found?: Found
}

/** The record of finished images in an output folder. */
export interface Journal {
  /** The newest entry of an image. */
  of(image: string): Entry | undefined
  /** Reads what another command has added to the file. */
  refresh(): Promise<void>
  add(entry: Entry): Promise<void>
  /**
   * The bytes of each file that was written for an image, also by earlier entries, except what was
   * written for another image since: with a.jpg and a.png, a.json may have belonged to both.
   */
  filesOf(image: string): Record<string, number>
  /** Forgets an image whose results are removed. */
  remove(image: string): Promise<void>
  /** The newest entries of the images of a watched folder. */
  from(source: string): Entry[]
}

/** A longer text is not possible in JavaScript: that of about a million images. */
const MAX_BYTES = 500_000_000

const fileOf = (out: string) => path.join(out, HIDDEN, 'done.jsonl')

/**
 * Opens the journal of an output folder whose hidden folder exists. @throws the system's error when
 * the journal cannot be read
 */
export async function openJournal(out: string): Promise<Journal> {
  const text = await read(out)
  // The last line of a killed run may be cut off: what follows must begin on a line of its own.
  if (text !== '' && !text.endsWith('\n')) await append(out, '\n')
  const entries = new Map<string, Entry>()
  const earlier = new Map<string, Entry['files']>()
  /** The image that each file was last written for. */
  const owners = new Map<string, string>()
  const filesOf = (image: string) => {
    const files = Object.entries({ ...earlier.get(image), ...entries.get(image)?.files })
    return Object.fromEntries(files.filter(([name]) => owners.get(name) === image))
  }
  const apply = ({ files, ...rest }: Entry) => {
    const { image } = rest
    const before = filesOf(image)
    earlier.delete(image)
    for (const name of Object.keys(files)) {
      owners.set(name, image)
      delete before[name]
    }
    // An image without files has been removed.
    if (Object.keys(files).length === 0) {
      for (const name of Object.keys(before)) owners.delete(name)
      entries.delete(image)
      return
    }
    entries.set(image, { ...rest, files })
    if (Object.keys(before).length > 0) earlier.set(image, before)
  }
  for (const entry of entriesIn(text)) apply(entry)
  let length = text.length
  return {
    of: image => entries.get(image),
    filesOf,
    async refresh() {
      const newest = await read(out)
      if (newest.length === length) return
      length = newest.length
      for (const entry of entriesIn(newest)) apply(entry)
    },
    async add(entry) {
      await append(out, `${JSON.stringify(entry)}\n`)
      apply(entry)
    },
    async remove(image) {
      const entry = { image, input: '', settings: '', files: {} }
      await append(out, `${JSON.stringify(entry)}\n`)
      apply(entry)
    },
    from: source => [...entries.values()].filter(entry => entry.source === source),
  }
}

/**
 * The files that earlier runs wrote into a folder, as paths below it, with the lengths in bytes
 * that they had; none where no run wrote.
 */
export async function resultsIn(folder: string): Promise<Map<string, Set<number>>> {
  const text = await read(folder).catch(() => '')
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
      const isWhole = typeof entry?.image === 'string' && typeof entry.files === 'object' && entry.files
      return isWhole && isBelow(entry.image) ? [entry] : []
    } catch {
      // Incomplete or empty.
      return []
    }
  })
}

/** Images have plain paths below the output folder: with any other somebody changed the journal. */
function isBelow(image: string): boolean {
  return !path.isAbsolute(image) && path.normalize(image) === image && image.split(path.sep)[0] !== '..'
}

/** Not where a link leads, which somebody may have put there. */
function append(out: string, line: string): Promise<void> {
  const { O_APPEND, O_CREAT, O_NOFOLLOW = 0, O_WRONLY } = constants
  return appendFile(onDisk(fileOf(out)), line, { flag: O_APPEND | O_CREAT | O_NOFOLLOW | O_WRONLY })
}

/** The text of a journal, empty where there is none. @throws when it is not a file, or too long */
async function read(out: string): Promise<string> {
  try {
    const { bytes } = await readRegularFile(fileOf(out), size => {
      if (size > MAX_BYTES) throw new Error(`${printable(fileOf(out))} is longer than ${MAX_BYTES / 1e6} MB`)
    })
    return bytes.toString()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
