/**
 * `node dist/undo.js --data FOLDER`: tries to undo the anonymization of labelled faces and plates, with the blur's width known to the attacker, and
 * reports how much of the original comes back from a plain Gaussian of the API's default kernel size and from what the engine does by default.
 */
import { parseArgs } from 'node:util'
import type { Box, ObjectClass } from '@obscura/engine'
import { readSpecimens, type Specimen } from './undo/objects.js'
import { cut, lumaOf, type Plane, resized } from './undo/plane.js'
import { loadReader, type Reading } from './undo/reader.js'
import { richardsonLucy, wiener } from './undo/restore.js'
import { correlation, recovered, ssim } from './undo/similarity.js'
import { anonymized, TREATMENTS, type Treatment } from './undo/treatment.js'

const { values } = parseArgs({ options: { data: { type: 'string' }, limit: { type: 'string', default: '60' } } })
if (!values.data) throw new Error('--data FOLDER is missing: the folder with annotations.json; see bench/README.md')

/** Restorations of an image blurred with a known sigma: what an attacker tries, from careful to bold. */
const ATTACKS: { name: string; restore(blurred: Plane, sigma: number): Plane[] }[] = [
  { name: 'as published', restore: blurred => [blurred] },
  {
    name: 'Wiener',
    restore: (blurred, sigma) => [1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7].map(noise => wiener(blurred, sigma, noise)),
  },
  { name: 'Richardson-Lucy', restore: (blurred, sigma) => richardsonLucy(blurred, sigma, [10, 30]) },
]

/** The object's box in the original, and in each attack's restorations of what was published. */
async function attack(specimen: Specimen, name: ObjectClass, treatment: Treatment) {
  const { pixels, region, sigma } = await anonymized(specimen, name, treatment, true)
  const published = lumaOf(pixels, region)
  const { box } = specimen
  const inner: Box = [box[0] - region[0], box[1] - region[1], box[2] - region[0], box[3] - region[1]]
  return {
    original: cut(lumaOf(specimen.pixels, region), inner),
    restorations: ATTACKS.map(({ restore }) => restore(published, sigma).map(plane => cut(plane, inner))),
  }
}

function mean(numbers: number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length
}

/** Best similarity that any setting of each attack reaches, judged by the original itself: no real attacker could choose as well. */
async function similarityTable(name: ObjectClass, specimens: Specimen[]): Promise<void> {
  console.log(
    `\n${specimens.length} objects of class ${name}: similarity to the original (correlation / SSIM), best setting of each attack\n`,
  )
  console.log(`| | ${ATTACKS.map(({ name }) => name).join(' | ')} |\n|---|${'---|'.repeat(ATTACKS.length)}`)
  for (const treatment of TREATMENTS) {
    const results: Awaited<ReturnType<typeof attack>>[] = []
    for (const specimen of specimens) results.push(await attack(specimen, name, treatment))
    const cells = ATTACKS.map((_, i) =>
      [correlation, ssim]
        .map(measure =>
          mean(results.map(({ original, restorations }) => Math.max(...restorations[i].map(plane => measure(original, plane))))),
        )
        .map(value => value.toFixed(2))
        .join(' / '),
    )
    console.log(`| ${treatment.name} | ${cells.join(' | ')} |`)
  }
  const strangers = await Promise.all(
    specimens.map((specimen, i) => compareWith(specimen, specimens[(i + 1) % specimens.length])),
  )
  console.log(
    `| another object of the class | ${mean(strangers.map(([first]) => first)).toFixed(2)} / ${mean(strangers.map(([, second]) => second)).toFixed(2)} |`,
  )
}

/** Correlation and SSIM of two different objects: what the other figures are to be compared with. */
async function compareWith(specimen: Specimen, other: Specimen): Promise<[number, number]> {
  const original = lumaOf(specimen.pixels, specimen.box)
  const stranger = await resized(lumaOf(other.pixels, other.box), original)
  return [correlation(original, stranger), ssim(original, stranger)]
}

/** Characters that a text recogniser finds again; of several restorations it takes the one it is surest of. */
async function readingTable(specimens: Specimen[]): Promise<void> {
  const read = await loadReader()
  const legible: { specimen: Specimen; text: string }[] = []
  for (const specimen of specimens) {
    const { text, confidence } = await read(lumaOf(specimen.pixels, specimen.box))
    if (text.length >= 5 && confidence >= 0.9) legible.push({ specimen, text })
    if (legible.length === limit) break
  }
  console.log(
    `\n${legible.length} plates that the recogniser reads in the original: characters recovered / plates read in full\n`,
  )
  console.log(`| | ${ATTACKS.map(({ name }) => name).join(' | ')} |\n|---|${'---|'.repeat(ATTACKS.length)}`)
  for (const treatment of TREATMENTS) {
    const shares: number[][] = ATTACKS.map(() => [])
    for (const { specimen, text } of legible) {
      const { restorations } = await attack(specimen, 'license_plate', treatment)
      for (const [i, planes] of restorations.entries()) {
        const readings: Reading[] = []
        for (const plane of planes) readings.push(await read(plane))
        const surest = readings.reduce((a, b) => (b.confidence > a.confidence ? b : a))
        shares[i].push(recovered(text, surest.text))
      }
    }
    const cells = shares.map(list => `${(100 * mean(list)).toFixed(0)} % / ${list.filter(share => share === 1).length}`)
    console.log(`| ${treatment.name} | ${cells.join(' | ')} |`)
  }
}

const limit = Number(values.limit)
await similarityTable('face', await readSpecimens(values.data, 'face', { smallest: 48, largest: 96, limit }))
const plates = await readSpecimens(values.data, 'license_plate', { smallest: 100, largest: 160, limit: 4 * limit })
await similarityTable('license_plate', plates.slice(0, limit))
await readingTable(plates)
