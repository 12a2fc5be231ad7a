import { stat } from 'node:fs/promises'
import path from 'node:path'
import { onDisk } from '../file-names.js'
import { resolved } from './folder-inside.js'

/**
 * Identifies the file system that a folder lies on: by its device number, which the next disk in
 * the same place may get too, and by its top folder with the time when that was created. It can
 * change with a restart or when the disk is mounted again. @throws the system's error
 */
export async function diskOf(folder: string): Promise<string> {
  let top = await resolved(folder)
  let at = await numbers(top)
  for (let above = path.dirname(top); above !== top; above = path.dirname(above)) {
    const next = await numbers(above)
    if (next.dev !== at.dev) break
    top = above
    at = next
  }
  return `${at.dev}:${at.ino}:${at.birthtimeNs}`
}

/**
 * The disk that an image is on; undefined when it cannot be read. It still exists after its folder
 * was looked at: otherwise its mount may be away, and the folder is one of the disk below.
 */
export async function diskOfImage(file: string): Promise<string | undefined> {
  try {
    const disk = await diskOf(path.dirname(file))
    await numbers(file)
    return disk
  } catch {
    return undefined
  }
}

/** The folder of that name, or the nearest one above it that exists, readable or not. */
export async function nearestFolder(name: string): Promise<string> {
  const isMissing = await numbers(name).then(
    kind => !kind.isDirectory(),
    error => ['ENOENT', 'ENOTDIR'].includes(error.code),
  )
  const above = path.dirname(name)
  return isMissing && above !== name ? nearestFolder(above) : name
}

function numbers(name: string) {
  return stat(onDisk(name), { bigint: true })
}
