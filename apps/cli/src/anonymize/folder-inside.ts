import { constants, existsSync } from 'node:fs'
import { mkdir, open, realpath } from 'node:fs/promises'
import path from 'node:path'
import { nameOf, onDisk, printable } from '../file-names.js'

/** A link that leads out of the folder in which it is. */
class OutsideError extends Error {
  override readonly name = 'OutsideError'
}

/**
 * Calls `work` with a path of the folder `below` an output folder, which is created level after
 * level. Who may write there could put a link in the place of any level, at any time, and send
 * results to another place: no link that leads out is followed, and on Linux the path means the
 * folder that was checked, whatever becomes of its names while `work` runs.
 * @throws Error when there is such a link; what `work` throws
 */
export async function insideFolder<T>(out: string, below: string, work: (folder: string) => Promise<T>): Promise<T> {
  return descend(out, out, partsOf(below), true, work)
}

/**
 * The same for a folder that exists; `work` is not called, and the result undefined, where it does
 * not, or lies outside, by its name or through a link. @throws the system's error; as `work`
 */
export async function insideExisting<T>(root: string, below: string, work: (folder: string) => Promise<T>) {
  // An absolute name means one below the root here, and one that climbs leads out.
  if (path.isAbsolute(below)) return undefined
  return descend(root, root, partsOf(below), false, work).catch((error: NodeJS.ErrnoException) => {
    if (error instanceof OutsideError || error.code === 'ENOENT') return undefined
    throw error
  })
}

const partsOf = (below: string) =>
  path
    .normalize(below)
    .split(path.sep)
    .filter(part => part !== '' && part !== '.')

/** @param folder the last path of the folder, for a message */
async function descend<T>(
  root: string,
  folder: string,
  [name, ...rest]: readonly string[],
  create: boolean,
  work: (folder: string) => Promise<T>,
  held = root,
): Promise<T> {
  if (name === undefined) return work(held)
  const next = path.join(folder, name)
  // Not through path.join, which would resolve ".." by name.
  const inHeld = `${held}${path.sep}${name}`
  if (create)
    await mkdir(onDisk(inHeld)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  const { path: own, close } = await hold(inHeld)
  try {
    if (!(await resolved(own)).startsWith(path.join(await resolved(root), path.sep)))
      throw new OutsideError(`${printable(next)} is a link that leads out of the output folder. Remove it, or use another --out`)
    return await descend(root, next, rest, create, work, own)
  } finally {
    await close()
  }
}

/** Linux' O_PATH, which Node.js does not name: needs no permission to read the folder. */
const O_PATH = 0o10000000
const OPEN_FOLDERS = '/proc/self/fd'
const canHold = process.platform === 'linux' && existsSync(OPEN_FOLDERS)

/** A path that means this folder until it is closed; elsewhere than on Linux its name. */
async function hold(folder: string): Promise<{ path: string; close: () => Promise<void> }> {
  if (!canHold) return { path: folder, close: async () => {} }
  const handle = await open(onDisk(folder), O_PATH | constants.O_DIRECTORY)
  return { path: path.join(OPEN_FOLDERS, String(handle.fd)), close: () => handle.close() }
}

/** The real path of a folder. @throws the system's error */
export async function resolved(folder: string): Promise<string> {
  return nameOf(await realpath(onDisk(folder), { encoding: 'buffer' }))
}
