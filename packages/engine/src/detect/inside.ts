/** Reads files of a folder, and nothing outside it: manifests may come from anyone. */
import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'

/** A file may not be read. `message` says why. */
export class RefusedFileError extends Error {
  override readonly name = 'RefusedFileError'
}

/**
 * The content of a regular file inside a folder. Links are followed, but may not lead out of it.
 * @param path relative to the folder
 * @throws RefusedFileError for a file outside, of another kind, or larger than `most` bytes; an
 * error of the file system when it cannot be read
 */
export async function readInside(folder: string, path: string, most: number): Promise<Buffer> {
  const named = join(folder, path)
  const target = await pathInside(folder, path)
  // A pipe would otherwise block until somebody writes to it.
  const file = await open(target, constants.O_RDONLY | constants.O_NONBLOCK | (constants.O_NOFOLLOW ?? 0))
  try {
    const { size, isFile } = await file.stat().then(stats => ({ size: stats.size, isFile: stats.isFile() }))
    if (!isFile) throw new RefusedFileError(`${named} is not a regular file.`)
    if (size > most) throw new RefusedFileError(`${named} is ${size} bytes long; at most ${most} are accepted.`)
    return await readWhole(file, size)
  } finally {
    await file.close()
  }
}

/**
 * Where a path inside a folder leads when all links are followed.
 * @param path relative to the folder
 * @throws RefusedFileError when that is outside; an error of the file system where there is nothing
 */
export async function pathInside(folder: string, path: string): Promise<string> {
  const named = join(folder, path)
  const [root, target] = await Promise.all([realpath(folder), realpath(named)])
  const inner = relative(root, target)
  if (isAbsolute(path) || isAbsolute(inner) || inner.split(sep)[0] === '..') {
    throw new RefusedFileError(`${named} leads out of the folder ${folder}: copy the file into the folder.`)
  }
  return target
}

/**
 * Blocks from this size on come from the system and go back to it (child-process.ts sets the limit,
 * 32 MiB). Smaller ones would stay in the heap beside the networks: 62 MB after the built-in ones.
 * What is not written to takes no memory.
 */
const MAPPED_BYTES = 33 * 1024 ** 2

/** Smaller files are read into the heap. */
const SMALL_BYTES = 64 * 1024

async function readWhole(file: Awaited<ReturnType<typeof open>>, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(size > SMALL_BYTES ? Math.max(size, MAPPED_BYTES) : size)
  let length = 0
  while (length < size) {
    const { bytesRead } = await file.read(bytes, length, size - length, length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return bytes.subarray(0, length)
}
