import { mkdir, realpath } from 'node:fs/promises'
import path from 'node:path'
import { nameOf, onDisk, printable } from '../file-names.js'

/**
 * Creates a folder below the output folder, one level after the other, and follows no link that
 * leads out of it: who may write there could send results to any other place.
 * @throws Error when there is such a link
 */
export async function makeFolderInside(out: string, below: string): Promise<void> {
  const root = await resolved(out)
  let folder = out
  for (const name of below.split(path.sep).filter(part => part !== '' && part !== '.')) {
    folder = path.join(folder, name)
    await mkdir(onDisk(folder)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    const real = await resolved(folder)
    if (!real.startsWith(path.join(root, path.sep)))
      throw new Error(`${printable(folder)} is a link that leads out of the output folder. Remove it, or use another --out`)
  }
}

async function resolved(folder: string): Promise<string> {
  return nameOf(await realpath(onDisk(folder), { encoding: 'buffer' }))
}
