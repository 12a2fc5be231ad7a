import { realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { Failure } from '../failure.js'
import type { Found } from '../images/find.js'

/** What can be written beside an anonymized image, and how its name ends. */
export const SIDECARS = { metadata: '.json', binaryMask: '.binary.png', instanceMask: '.instance.png' } as const
export type Sidecar = keyof typeof SIDECARS

/** One image and the files that are to be made of it, as paths below the output folder. */
export interface Item {
  file: string
  image: string
  sidecars: Partial<Record<Sidecar, string>>
}

/**
 * Decides what is written where: b.jpg gives b.jpg and b.json. Where two images would share a sidecar (a.jpg and a.png), or a sidecar
 * would be another's image, those sidecars carry the image's whole name: a.jpg.json.
 * @throws Failure when two different images would become one file
 */
export async function planItems(found: readonly Found[], wanted: readonly Sidecar[]): Promise<Item[]> {
  const images = new Map<string, Found>()
  for (const one of found) {
    const other = images.get(one.below)
    if (other && !(await sameFile(one.file, other.file))) {
      throw new Failure(
        `${other.file} and ${one.file} would both be written as ${one.below}. Run them apart, with different --out folders.`,
      )
    }
    images.set(one.below, other ?? one)
  }
  const uses = new Map<string, number>()
  for (const name of [
    ...images.keys(),
    ...[...images.keys()].flatMap(image => wanted.map(kind => stem(image) + SIDECARS[kind])),
  ]) {
    uses.set(name, (uses.get(name) ?? 0) + 1)
  }
  return [...images].map(([image, { file }]) => {
    const free = wanted.every(kind => uses.get(stem(image) + SIDECARS[kind]) === 1)
    const base = free ? stem(image) : image
    return { file, image, sidecars: Object.fromEntries(wanted.map(kind => [kind, base + SIDECARS[kind]])) }
  })
}

function stem(image: string): string {
  return image.slice(0, image.length - path.extname(image).length)
}

/** The files of an item, sidecars first: the image comes last, so that it is never there without them. */
export function filesOf(item: Item): string[] {
  return [...Object.values(item.sidecars), item.image]
}

/**
 * Makes sure that no result takes the place of an input, whether named the same, linked, or reached over another path.
 * @throws Failure that names the first such file
 */
export async function protectInputs(items: readonly Item[], out: string): Promise<void> {
  const inputs = new Map<string, string>()
  for (const { file } of items) {
    const identity = await identify(file)
    if (identity) inputs.set(identity, file)
  }
  for (const item of items) {
    for (const name of filesOf(item)) {
      const identity = await identify(path.join(out, name))
      const input = identity && inputs.get(identity)
      if (!input) continue
      throw new Failure(
        `${path.join(out, name)} is the input ${input} itself. Inputs are never overwritten: choose another folder with --out.`,
      )
    }
  }
}

/** Device and inode: the same for every name and link of a file. */
async function identify(file: string): Promise<string | undefined> {
  const info = await stat(file, { bigint: true }).catch(() => undefined)
  return info && `${info.dev}:${info.ino}`
}

async function sameFile(a: string, b: string): Promise<boolean> {
  const [realA, realB] = await Promise.all([a, b].map(file => realpath(file).catch(() => path.resolve(file))))
  return realA === realB
}
