import { rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { insideExisting, insideFolder } from '../anonymize/folder-inside.js'
import { onDisk, printable } from '../file-names.js'

/**
 * Writes why an image failed: sub/b.jpg gives sub/b.jpg.txt. The image itself is never copied, so
 * that no image that shows persons lies in one more place. @throws the system's error
 */
export async function writeReason(folder: string, image: string, problem: string): Promise<void> {
  await insideFolder(folder, path.dirname(image), async place => {
    const file = path.join(place, nameOf(image))
    const aside = `${file}.part`
    await rm(onDisk(aside), { force: true })
    await writeFile(onDisk(aside), `${printable(problem)}\n`, { flag: 'wx' })
    await rename(onDisk(aside), onDisk(file))
  })
}

/**
 * Removes the reason of an image that has been anonymized or deleted. Names come from the journal
 * too, which others may write to: nothing outside the folder is removed. @throws the system's error
 */
export async function removeReason(folder: string, image: string): Promise<void> {
  await insideExisting(folder, path.dirname(image), place => rm(onDisk(path.join(place, nameOf(image))), { force: true }))
}

function nameOf(image: string): string {
  return `${path.basename(image)}.txt`
}
