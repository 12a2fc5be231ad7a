/**
 * Seconds from bytes to anonymized bytes for one image at a time, all four classes. The first run
 * loads the networks and is listed separately.
 */
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import { createEngine, type Engine, type Output } from '@obscura/engine'
import type { Command } from 'commander'
import { ALL_CLASSES } from '../all-classes.js'
import { foldersOf, type ModelOptions, type PrecisionOptions, positive, withModels, withPrecision } from '../options.js'
import { median } from '../report/statistics.js'
import type { Table } from '../report/table.js'
import { enlargedStreet } from '../repository.js'

interface Options extends ModelOptions, PrecisionOptions {
  runs: number
  profile: string
  threads?: number
}

const STEPS = ['decode', 'detect', 'segment', 'render', 'encode']

export function command(command: Command): Command {
  return withPrecision(withModels(command))
    .argument('[photos...]', 'photos; default: a street photo enlarged to 12 megapixels')
    .option('--runs <number>', 'runs of each image after its first', positive, 5)
    .option('--profile <name>', 'profile: standard, fast, or one of your own', 'standard')
    .option('--threads <number>', 'threads per image; default: chosen by the engine', positive)
}

export async function run({ runs, profile, threads, precision, ...models }: Options, photos: string[]): Promise<Table[]> {
  const engine = createEngine({ ...foldersOf(models), profile, threads, precision })
  const rows: Table['rows'] = []
  for (const [name, image] of await images(photos)) {
    const { seconds, output } = await time(engine, image, runs)
    const [first, ...later] = seconds
    const steps = STEPS.map(step => Math.round(output.timings[step]))
    const size = `${output.width} x ${output.height}`
    rows.push([name, size, output.detections.length, first.toFixed(1), median(later).toFixed(1), ...steps])
    console.error(`${name}: ${seconds.map(value => value.toFixed(1)).join(', ')} s`)
  }
  await engine.close()
  const head = ['image', 'size', 'objects', 'first (s)', `median of ${runs} (s)`, ...STEPS.map(step => `${step} (ms)`)]
  const note = `Profile ${profile}, ${threads ?? availableParallelism()} threads; the steps are those of the last run.`
  return [{ head, rows, note }]
}

/** Seconds of each run of one image, and what the last one gave. */
async function time(engine: Engine, image: Uint8Array, runs: number): Promise<{ seconds: number[]; output: Output }> {
  const seconds: number[] = []
  for (;;) {
    const start = performance.now()
    const output = await engine.anonymize(image, ALL_CLASSES)
    seconds.push((performance.now() - start) / 1000)
    if (seconds.length > runs) return { seconds, output }
  }
}

async function images(photos: string[]): Promise<[name: string, image: Uint8Array][]> {
  if (photos.length > 0) return Promise.all(photos.map(async photo => [basename(photo), await readFile(photo)]))
  return [['street-taxis, enlarged', await enlargedStreet(4000, 3000).jpeg({ quality: 92 }).toBuffer()]]
}
