import type { Stats } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { onDisk } from '../file-names.js'
import { adviceOn } from './limits.js'

/** Opening a named pipe would block forever, and reading a device may never end. */
export const NOT_A_FILE = 'it is a named pipe, socket or device, not a file'

/**
 * Reads an image; its version is taken before reading. @throws when it cannot be read, is not a
 * file, or has more than `maximum` bytes
 */
export async function readImage(file: string, maximum: number): Promise<{ bytes: Buffer; version: string }> {
  const info = await stat(onDisk(file))
  if (!info.isFile() && !info.isDirectory()) throw new Error(NOT_A_FILE)
  if (info.size > maximum) throw new Error(`the file has ${Math.ceil(info.size / 1e6)} MB. ${adviceOn('file')}`)
  return { bytes: await readFile(onDisk(file)), version: describe(info) }
}

/** Identifies a version of a file by size and modification time. */
export async function versionOf(file: string): Promise<string> {
  return describe(await stat(onDisk(file)))
}

function describe({ size, mtimeMs }: Stats): string {
  return `${size} ${mtimeMs}`
}
