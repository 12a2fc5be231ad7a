import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { insideExisting, insideFolder } from '../anonymize/folder-inside.js'
import { nameOf, onDisk, printable } from '../file-names.js'

const ENDING = '.txt'

/**
 * Writes why an image of the watched folder failed: sub/b.jpg gives sub/b.jpg.txt with the reason
 * and, on a second line, the image. The image itself is never copied, so that no image that shows
 * persons lies in one more place. @throws the system's error
 */
export async function writeReason(folder: string, watched: string, image: string, problem: string): Promise<void> {
  await mkdir(onDisk(folder), { recursive: true })
  await insideFolder(folder, path.dirname(image), async place => {
    const file = path.join(place, reasonName(image))
    const aside = `${file}.part`
    await rm(onDisk(aside), { force: true })
    await writeFile(onDisk(aside), `${printable(problem)}\n${imageLine(watched, image)}`, { flag: 'wx' })
    await rename(onDisk(aside), onDisk(file))
  })
}

/**
 * Images with a reason that are not among `present`, as paths below the watched folder. Reasons of
 * another watched folder, and other files, are left out. @throws the system's error
 */
export async function reasonsOfAbsent(folder: string, watched: string, present: ReadonlySet<string>): Promise<string[]> {
  const absent = (await textsBelow(folder, '')).filter(image => !present.has(image))
  const isOurs = await Promise.all(absent.map(image => isReasonOf(folder, watched, image)))
  return absent.filter((_, index) => isOurs[index])
}

/** Names of text files below a folder, without their ending; no link is followed. */
async function textsBelow(folder: string, below: string): Promise<string[]> {
  const entries = await readdir(onDisk(path.join(folder, below)), { withFileTypes: true, encoding: 'buffer' }).catch(error => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const found = entries.map(async entry => {
    const name = path.join(below, nameOf(entry.name))
    if (entry.isDirectory()) return textsBelow(folder, name)
    return entry.isFile() && name.endsWith(ENDING) ? [name.slice(0, -ENDING.length)] : []
  })
  return (await Promise.all(found)).flat()
}

async function isReasonOf(folder: string, watched: string, image: string): Promise<boolean> {
  const text = await readFile(onDisk(path.join(folder, `${image}${ENDING}`)), 'utf8').catch(() => '')
  return text.endsWith(`\n${imageLine(watched, image)}`)
}

function imageLine(watched: string, image: string): string {
  return `${printable(path.resolve(watched, image))}\n`
}

/**
 * Removes the reason of an image that has been anonymized or deleted. Names come from the journal
 * too, which others may write to: nothing outside the folder is removed. @throws the system's error
 */
export async function removeReason(folder: string, image: string): Promise<void> {
  await insideExisting(folder, path.dirname(image), place => rm(onDisk(path.join(place, reasonName(image))), { force: true }))
}

function reasonName(image: string): string {
  return `${path.basename(image)}${ENDING}`
}
