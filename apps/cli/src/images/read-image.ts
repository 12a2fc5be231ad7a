import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { onDisk } from '../file-names.js'
import { adviceOn } from './limits.js'
import { readRegularFile } from './read-file.js'

/**
 * Reads an image; its version is taken before reading. @throws when it cannot be read, is not a
 * file, or has more than `maximum` bytes
 */
export async function readImage(file: string, maximum: number): Promise<{ bytes: Buffer; version: string }> {
  const { bytes, info } = await readRegularFile(file, size => {
    if (size > maximum) throw new Error(`the file is ${Math.ceil(size / 1e6)} MB in size. ${adviceOn('file')}`)
  })
  return { bytes, version: describe(info) }
}

/** Identifies a version of a file by size and modification time. */
export async function versionOf(file: string): Promise<string> {
  return describe(await stat(onDisk(file)))
}

function describe({ size, mtimeMs }: Stats): string {
  return `${size} ${mtimeMs}`
}
