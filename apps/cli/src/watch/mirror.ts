import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { diskOf, diskOfImage, nearestFolder } from '../anonymize/disk.js'
import type { Results } from '../anonymize/results.js'
import { onDisk, printable } from '../file-names.js'
import type { Findings } from '../images/find.js'
import { describeProblem } from '../images/problem.js'
import { reasonsOfAbsent, removeReason } from './reasons.js'

/** Removes results, and reasons of failures, of images that are no longer in the watched folder. */
export interface Mirror {
  /**
   * To be called after each search of the folder. Returns why something was not removed, if so:
   * what cannot be read, an empty folder or one on another disk may be a mount that is away.
   */
  update(findings: Pick<Findings, 'photos' | 'problems'>, now: number): Promise<string>
}

/**
 * @param folder the watched folder
 * @param failed folder of the reasons of failures, if any
 * @param settleMs time that an image must be away: programs replace a file by removing it first
 */
export function createMirror(results: Results, folder: string, failed: string | undefined, settleMs: number): Mirror {
  let awaySince = new Map<string, number>()
  /** The disk that each image with results was last seen on. */
  const seen = new Map<string, string>()
  const findReasons = async (present: ReadonlySet<string>) =>
    failed === undefined ? [] : reasonsOfAbsent(failed, folder, present)
  return {
    async update({ photos, problems }, now) {
      const present = new Set(photos.map(({ below }) => below))
      const ours = results.fromWatched()
      const away = [...ours.keys()].filter(image => !present.has(image))
      // Where a mount is away the images fail again when it is back, and their reasons return.
      const refusals: string[] = []
      const reasons = await findReasons(present).catch(error => {
        refusals.push(`${printable(failed!)}: cannot be read: ${describeProblem(error)}`)
        return []
      })
      if (away.length + reasons.length > 0) {
        if (present.size === 0)
          return 'The watched folder has no images. In case its mount is away, results stay until it has one again.'
        if (problems.length > 0) return 'Results stay while parts of the watched folder cannot be read.'
      }
      for (const images of byFolder([...ours.keys()].filter(image => present.has(image))).values()) {
        const disk = await diskOfImage(path.join(folder, images[0]))
        if (disk !== undefined) for (const image of images) seen.set(image, disk)
      }
      const { deleted, doubtful } = await sort(folder, away, image => seen.get(image) ?? ours.get(image))
      const gone = [...deleted, ...reasons.filter(image => !ours.has(image))]
      awaySince = new Map(gone.map(image => [image, awaySince.get(image) ?? now]))
      for (const name of doubtful.keys())
        refusals.push(`${printable(name)} is empty or on another disk. In case its mount is away, results stay.`)
      for (const [image, first] of awaySince) {
        if (now - first < settleMs) continue
        try {
          if (ours.has(image)) {
            await results.remove(image)
            console.error(`${printable(image)}: removed, because its original is gone`)
          }
          seen.delete(image)
          if (failed !== undefined) await removeReason(failed, image)
        } catch (error) {
          refusals.push(`${printable(image)}: cannot be removed: ${describeProblem(error)}`)
        }
      }
      return refusals.join('\n')
    },
  }
}

/**
 * Tells apart which images are deleted, and the folders of those that may be away with a mount:
 * the nearest folder that is left is on another disk than the image was, or is empty though it
 * had several images.
 */
async function sort(folder: string, away: readonly string[], diskBefore: (image: string) => string | undefined) {
  const deleted: string[] = []
  const doubtful = new Map<string, string[]>()
  const nearest = new Map<string, string[]>()
  for (const [below, images] of byFolder(away)) {
    const left = await nearestFolder(path.join(folder, below))
    nearest.set(left, [...(nearest.get(left) ?? []), ...images])
  }
  for (const [left, images] of nearest) {
    const disk = await diskOf(left).catch(() => undefined)
    const isEmptied = images.length > 1 && (await readdir(onDisk(left)).catch(() => [])).length === 0
    const isDeleted = (image: string) => !isEmptied && disk !== undefined && diskBefore(image) === disk
    deleted.push(...images.filter(isDeleted))
    const others = images.filter(image => !isDeleted(image))
    if (others.length > 0) doubtful.set(left, others)
  }
  return { deleted, doubtful }
}

/** Images by the path of their folder. */
function byFolder(images: Iterable<string>): Map<string, string[]> {
  const folders = new Map<string, string[]>()
  for (const image of images) {
    const images = folders.get(path.dirname(image))
    if (images) images.push(image)
    else folders.set(path.dirname(image), [image])
  }
  return folders
}
