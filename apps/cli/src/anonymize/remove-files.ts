import { rm, rmdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { onDisk } from '../file-names.js'
import { insideExisting } from './folder-inside.js'

/**
 * Removes files below the output folder that still have their recorded length in bytes, and the
 * folders that are empty then. Whoever can write to the journal or to the folder could otherwise
 * have any file removed: nothing outside is, by no name and no link. @throws the system's error
 */
export async function removeFiles(out: string, files: Readonly<Record<string, number>>): Promise<void> {
  for (const [name, length] of Object.entries(files)) {
    const isRemoved = await insideExisting(out, path.dirname(name), async folder => {
      const file = path.join(folder, path.basename(name))
      const isSame = (await stat(onDisk(file))).size === length
      if (isSame) await rm(onDisk(file))
      return isSame
    })
    if (isRemoved) await removeEmpty(out, path.dirname(name))
  }
}

async function removeEmpty(out: string, below: string): Promise<void> {
  if (below === '.') return
  try {
    await insideExisting(out, path.dirname(below), folder => rmdir(onDisk(path.join(folder, path.basename(below)))))
  } catch {
    // Not empty.
    return
  }
  await removeEmpty(out, path.dirname(below))
}
