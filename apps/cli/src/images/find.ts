import { readdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'

/** An image file to work on. */
export interface Found {
  /** As it can be opened: the argument itself, or the argument and the path below it. */
  file: string
  /** Path below the folder that was named; the bare name for a file that was named itself. */
  below: string
}

const IMAGE = /\.(jpe?g|jpe|jfif|png)$/i

/**
 * Finds the images that the arguments name: a file counts whatever its name, a folder is searched to any depth for names of JPEG and PNG
 * files. Hidden files and folders are left out (`._photo.jpg` of macOS is no photo), as is the folder `except` where it lies below another,
 * so that results are not taken for new work, and what is no file: opening a named pipe would wait for ever. A file that does not exist is
 * listed too: it fails when its turn comes.
 */
export async function findImages(names: readonly string[], except?: string): Promise<Found[]> {
  const found: Found[] = []
  const left = except === undefined ? undefined : await realpath(except).catch(() => undefined)
  for (const name of names) {
    const kind = await stat(name).catch(() => undefined)
    if (kind?.isDirectory()) await search(name, '', new Set(), left, found)
    else found.push({ file: name, below: path.basename(name) })
  }
  return found
}

async function search(folder: string, below: string, seen: Set<string>, left: string | undefined, found: Found[]): Promise<void> {
  const here = path.join(folder, below)
  const real = await realpath(here)
  // A link can lead back to a folder above.
  if (seen.has(real) || (real === left && below !== '')) return
  seen.add(real)
  const names = await readdir(here).catch(() => undefined)
  // Not allowed to look: opening it fails with the reason when its turn comes.
  if (!names) return void found.push({ file: here, below })
  for (const name of names.filter(name => !name.startsWith('.')).sort()) {
    const inside = path.join(below, name)
    const kind = await stat(path.join(folder, inside)).catch(() => undefined)
    if (kind?.isDirectory()) await search(folder, inside, seen, left, found)
    else if (IMAGE.test(name) && (!kind || kind.isFile())) found.push({ file: path.join(folder, inside), below: inside })
  }
}
