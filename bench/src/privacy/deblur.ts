/**
 * Tries to undo the anonymization of labelled faces and plates, with the blur's width known to the
 * attacker, and tells how much of the original comes back from a plain Gaussian of the API's
 * default kernel size and from what the engine does by default.
 */
import type { Box, ObjectClass } from '@obscura/engine'
import type { Command } from 'commander'
import { type DataOptions, positive, withData } from '../options.js'
import { mean } from '../report/statistics.js'
import type { Table } from '../report/table.js'
import { readSamples, type Sample } from './deblur/objects.js'
import { cut, lumaOf, type Plane, resized } from './deblur/plane.js'
import { loadReader, type Reading } from './deblur/reader.js'
import { richardsonLucy, wiener } from './deblur/restore.js'
import { correlation, recovered, ssim } from './deblur/similarity.js'
import { anonymized, TREATMENTS, type Treatment } from './deblur/treatment.js'

interface Options extends DataOptions {
  limit: number
}

export function command(command: Command): Command {
  return withData(command).option('--limit <number>', 'objects of a class', positive, 60)
}

export async function run({ data, limit }: Options): Promise<Table[]> {
  const faces = await readSamples(data, 'face', { smallest: 48, largest: 96, limit })
  const plates = await readSamples(data, 'license_plate', { smallest: 100, largest: 160, limit: 4 * limit })
  return [
    await similarityTable('face', faces),
    await similarityTable('license_plate', plates.slice(0, limit)),
    await readingTable(plates, limit),
  ]
}

/**
 * Restorations of an image blurred with a known sigma: what an attacker tries, from careful to
 * bold.
 */
const ATTACKS: { name: string; restore(blurred: Plane, sigma: number): Plane[] }[] = [
  { name: 'as published', restore: blurred => [blurred] },
  {
    name: 'Wiener',
    restore: (blurred, sigma) => [1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7].map(noise => wiener(blurred, sigma, noise)),
  },
  { name: 'Richardson-Lucy', restore: (blurred, sigma) => richardsonLucy(blurred, sigma, [10, 30]) },
]

/** The object's box in the original, and in each attack's restorations of what was published. */
async function attack(sample: Sample, name: ObjectClass, treatment: Treatment) {
  const { pixels, region, sigma } = await anonymized(sample, name, treatment, true)
  const published = lumaOf(pixels, region)
  const { box } = sample
  const inner: Box = [box[0] - region[0], box[1] - region[1], box[2] - region[0], box[3] - region[1]]
  return {
    original: cut(lumaOf(sample.pixels, region), inner),
    restorations: ATTACKS.map(({ restore }) => restore(published, sigma).map(plane => cut(plane, inner))),
  }
}

/**
 * Best similarity that any setting of each attack reaches, judged by the original itself: no real
 * attacker could choose as well.
 */
async function similarityTable(name: ObjectClass, samples: Sample[]): Promise<Table> {
  const rows: Table['rows'] = []
  for (const treatment of TREATMENTS) {
    const results: Awaited<ReturnType<typeof attack>>[] = []
    for (const sample of samples) results.push(await attack(sample, name, treatment))
    const cells = ATTACKS.map((_, i) =>
      [correlation, ssim]
        .map(measure =>
          mean(results.map(({ original, restorations }) => Math.max(...restorations[i].map(plane => measure(original, plane))))),
        )
        .map(value => value.toFixed(2))
        .join(' / '),
    )
    rows.push([treatment.name, ...cells])
    console.error(`${name}, ${treatment.name}`)
  }
  const strangers = await Promise.all(samples.map((sample, i) => compareWith(sample, samples[(i + 1) % samples.length])))
  const compared = [0, 1].map(i => mean(strangers.map(pair => pair[i])).toFixed(2)).join(' / ')
  rows.push(['another object of the class', compared, ...ATTACKS.slice(1).map(() => '')])
  const title = `${samples.length} objects of class ${name}: similarity to the original (correlation / SSIM), best setting of each attack`
  return { title, head: ['', ...ATTACKS.map(({ name }) => name)], rows }
}

/**
 * Correlation and SSIM of two different objects: what the other figures are to be compared with.
 */
async function compareWith(sample: Sample, other: Sample): Promise<[number, number]> {
  const original = lumaOf(sample.pixels, sample.box)
  const stranger = await resized(lumaOf(other.pixels, other.box), original)
  return [correlation(original, stranger), ssim(original, stranger)]
}

/**
 * Characters that a text recogniser finds again; of several restorations it takes the one it is
 * most certain of.
 */
async function readingTable(samples: Sample[], limit: number): Promise<Table> {
  const read = await loadReader()
  const legible: { sample: Sample; text: string }[] = []
  for (const sample of samples) {
    const { text, confidence } = await read(lumaOf(sample.pixels, sample.box))
    if (text.length >= 5 && confidence >= 0.9) legible.push({ sample, text })
    if (legible.length === limit) break
  }
  const rows: Table['rows'] = []
  for (const treatment of TREATMENTS) {
    const fractions: number[][] = ATTACKS.map(() => [])
    for (const { sample, text } of legible) {
      const { restorations } = await attack(sample, 'license_plate', treatment)
      for (const [i, planes] of restorations.entries()) {
        const readings: Reading[] = []
        for (const plane of planes) readings.push(await read(plane))
        const best = readings.reduce((a, b) => (b.confidence > a.confidence ? b : a))
        fractions[i].push(recovered(text, best.text))
      }
    }
    const cells = fractions.map(list => `${(100 * mean(list)).toFixed(0)} % / ${list.filter(fraction => fraction === 1).length}`)
    rows.push([treatment.name, ...cells])
  }
  const title = `${legible.length} plates that the recogniser reads in the original: characters recovered / plates read in full`
  return { title, head: ['', ...ATTACKS.map(({ name }) => name)], rows }
}
