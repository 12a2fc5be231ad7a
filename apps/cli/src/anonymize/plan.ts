import { realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { CommandError } from '../command-error.js'
import { onDisk, printable } from '../file-names.js'
import type { Found } from '../images/find.js'

/** Files that can be written beside an anonymized image, with the suffixes of their names. */
export const SIDECARS = { metadata: '.json', binaryMask: '.binary.png', instanceMask: '.instance.png' } as const
export type Sidecar = keyof typeof SIDECARS

/** One image and the files to be written for it, as paths below the output folder. */
export interface Item {
  file: string
  image: string
  sidecars: Partial<Record<Sidecar, string>>
}

/**
 * Plans the output files: b.jpg gives b.jpg and b.json. Where two images would share a sidecar
 * (a.jpg and a.png), or a sidecar would have the name of another image, the sidecars are named
 * after the full name of the image: a.jpg.json.
 * @throws CommandError when two images would be written to the same file
 */
export async function planItems(found: readonly Found[], wanted: readonly Sidecar[]): Promise<Item[]> {
  const images = new Map<string, Found>()
  for (const one of found) {
    const other = images.get(one.below)
    if (other && !(await sameFile(one.file, other.file))) {
      throw new CommandError(
        `${printable(other.file)} and ${printable(one.file)} would both be written to ${printable(one.below)}. ` +
          'Anonymize them in separate runs with different --out folders.',
      )
    }
    images.set(one.below, other ?? one)
  }
  const names = [...images.keys()]
  const uses = new Map<string, number>()
  for (const name of [...names, ...names.flatMap(image => sidecarNames(stem(image), wanted))])
    uses.set(name, (uses.get(name) ?? 0) + 1)
  const isShared = (name: string) => uses.get(name) !== 1
  const taken = new Set(uses.keys())
  return names.map(image => {
    let base = stem(image)
    if (sidecarNames(base, wanted).some(isShared)) {
      base = image
      while (sidecarNames(base, wanted).some(name => taken.has(name))) base += '_'
      for (const name of sidecarNames(base, wanted)) taken.add(name)
    }
    return {
      file: images.get(image)!.file,
      image,
      sidecars: Object.fromEntries(wanted.map(kind => [kind, base + SIDECARS[kind]])),
    }
  })
}

function sidecarNames(base: string, wanted: readonly Sidecar[]): string[] {
  return wanted.map(kind => base + SIDECARS[kind])
}

function stem(image: string): string {
  return image.slice(0, image.length - path.extname(image).length)
}

/**
 * The files of an item, sidecars first: the image comes last, so that it never exists without them.
 */
export function filesOf(item: Item): string[] {
  return [...Object.values(item.sidecars), item.image]
}

/**
 * Makes sure that no result overwrites an input, whether by the same name, a link, or another path.
 * @throws CommandError that names the first such file
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
      throw new CommandError(
        `${printable(path.join(out, name))} is the input ${printable(input)} itself. ` +
          'Inputs are never overwritten: choose another folder with --out.',
      )
    }
  }
}

/** Device and inode: the same for every name and link of a file. */
export async function identify(file: string): Promise<string | undefined> {
  const info = await stat(onDisk(file), { bigint: true }).catch(() => undefined)
  return info && `${info.dev}:${info.ino}`
}

async function sameFile(a: string, b: string): Promise<boolean> {
  const [realA, realB] = await Promise.all([a, b].map(file => realpath(onDisk(file)).catch(() => path.resolve(file))))
  return realA === realB
}
