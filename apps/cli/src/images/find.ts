import type { Stats } from 'node:fs'
import { lstat, readdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { nameOf, onDisk } from '../file-names.js'
import { HIDDEN, resultsIn } from './journal.js'
import { describeProblem, type Problem } from './problem.js'
import { NOT_A_FILE } from './read-file.js'

/** An image file to process. */
export interface Found {
  /** Path to open: the argument, or the argument and the path below it. */
  file: string
  /** Path below the folder given as an argument; the base name for a file given as an argument. */
  below: string
}

/** Everything found for the arguments. */
export interface Findings {
  photos: Found[]
  /** What could not be read: nothing is skipped silently. */
  problems: Problem[]
  /**
   * Number of files of other types, by lower-case extension without the dot.
   */
  others: Map<string, number>
  /** Number of hidden images and folders. */
  hidden: number
  /** Number of results of earlier runs, by the folder that they were written to. */
  earlier: Map<string, number>
}

interface Walk extends Findings {
  /** Folders that have been searched already: a link can point back to a parent. */
  seen: Set<string>
  /**
   * Results of earlier runs by their real path: the folder they were written into, and their
   * lengths.
   */
  results: Map<string, { place: string; lengths: ReadonlySet<number> }>
}

const IMAGE = /\.(jpe?g|jpe|jfif|png)$/i

/**
 * Finds the images that the arguments name: a file counts whatever its name, and a file that does
 * not exist fails when its turn comes. A folder is searched to any depth for names of JPEG and PNG
 * files; all else that is in it is counted. Ignored are hidden files and folders (`._photo.jpg` of
 * macOS is not a photo), and results of earlier runs, as the journals beside them list them by name
 * and length. Links are followed; each folder is searched once.
 */
export async function findImages(names: readonly string[]): Promise<Findings> {
  const walk: Walk = {
    photos: [],
    problems: [],
    others: new Map(),
    hidden: 0,
    earlier: new Map(),
    seen: new Set(),
    results: new Map(),
  }
  const named = new Set<string>()
  for (const name of names) {
    if (named.has(path.resolve(name))) continue
    named.add(path.resolve(name))
    const kind = await stat(onDisk(name)).catch(() => undefined)
    walk.seen.clear()
    if (kind?.isDirectory()) await search(name, '', walk)
    else walk.photos.push({ file: name, below: path.basename(name) })
  }
  const { photos, problems, others, hidden, earlier } = walk
  return { photos, problems, others, hidden, earlier }
}

async function search(folder: string, below: string, walk: Walk): Promise<void> {
  const here = path.join(folder, below)
  let real: string
  let names: string[]
  try {
    real = nameOf(await realpath(onDisk(here), { encoding: 'buffer' }))
    if (walk.seen.has(real)) return
    walk.seen.add(real)
    names = (await readdir(onDisk(here), { encoding: 'buffer' })).map(nameOf).sort()
  } catch (error) {
    walk.problems.push({ file: here, problem: describeProblem(error) })
    return
  }
  for (const place of below === '' ? withAllAbove(real) : [real]) {
    for (const [name, lengths] of await resultsIn(place)) walk.results.set(path.join(place, name), { place, lengths })
  }
  for (const name of names) {
    if (name !== HIDDEN) await visit(folder, path.join(below, name), path.join(real, name), walk)
  }
}

/** A search may start anywhere below the folder of an earlier run. */
function withAllAbove(folder: string): string[] {
  const above = path.dirname(folder)
  return above === folder ? [folder] : [folder, ...withAllAbove(above)]
}

async function visit(folder: string, below: string, real: string, walk: Walk): Promise<void> {
  const file = path.join(folder, below)
  const name = path.basename(below)
  let kind: Stats
  try {
    kind = await stat(onDisk(file))
  } catch (error) {
    if (!name.startsWith('.') && !(await isGone(file, name))) walk.problems.push({ file, problem: describeProblem(error) })
    return
  }
  // Cameras start counting again: a new photo may have the name of an earlier result.
  const earlier = walk.results.get(real)
  const isResult = earlier?.lengths.has(kind.size)
  if (name.startsWith('.')) walk.hidden += Number(kind.isDirectory() || IMAGE.test(name))
  else if (kind.isDirectory()) await search(folder, below, walk)
  else if (earlier && isResult) add(walk.earlier, earlier.place)
  else if (!IMAGE.test(name)) add(walk.others, kindOf(name))
  else if (kind.isFile()) walk.photos.push({ file, below })
  else walk.problems.push({ file, problem: NOT_A_FILE })
}

/**
 * Whether a file has been deleted since its folder was read; a dangling link still exists.
 */
async function isGone(file: string, name: string): Promise<boolean> {
  if (IMAGE.test(name)) return false
  return lstat(onDisk(file)).then(
    () => false,
    error => error.code === 'ENOENT',
  )
}

function kindOf(name: string): string {
  return path.extname(name).slice(1).toLowerCase() || 'without extension'
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
