/**
 * What one image costs by its size: the street of the tests enlarged, one thread. Writes a plot of
 * CPU time, which a busy machine changes less than elapsed time. Each figure is
 * the least of several runs.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createEngine, type Timings } from '@obscura/engine'
import type { Command } from 'commander'
import sharp from 'sharp'
import { ALL_CLASSES } from '../all-classes.js'
import {
  foldersOf,
  type ModelOptions,
  type PrecisionOptions,
  positive,
  repeatable,
  withModels,
  withPrecision,
} from '../options.js'
import { plotLines } from '../report/plot-lines.js'
import type { Table } from '../report/table.js'
import { enlargedStreet, repositoryPath } from '../repository.js'
import { engineProcess } from './engine-process.js'

interface Options extends ModelOptions, PrecisionOptions {
  megapixels: string[]
  runs: number
  out: string
}

/** Inference, and all the rest. */
const STEPS = ['detect', 'segment', 'decode', 'render', 'encode'] as const
const MEGAPIXELS = ['1', '2', '4', '8', '12', '24', '33', '60']

export function command(command: Command): Command {
  return withPrecision(withModels(command))
    .option('--megapixels <number>', 'a size; may be repeated', repeatable(MEGAPIXELS), MEGAPIXELS)
    .option('--runs <number>', 'runs of each size', positive, 3)
    .option('--out <file>', 'the plot', repositoryPath('bench/figures/size.svg'))
}

export async function run({ megapixels, runs, out, precision, ...models }: Options): Promise<Table[]> {
  sharp.cache(false)
  const engine = createEngine({ ...foldersOf(models), precision, children: 1, threads: 1 })
  // Loads the networks.
  await engine.anonymize(await street(1), ALL_CLASSES)
  const costs: Cost[] = []
  for (const size of megapixels.map(Number)) {
    costs.push(await costOf(await street(size), size, runs, image => engine.anonymize(image, ALL_CLASSES)))
    console.error(`${size} megapixels: ${costs.at(-1)!.cpu.toFixed(1)} s of CPU`)
  }
  await engine.close()
  await writePlot(out, costs)
  const rows = costs.map(({ megapixels, steps, total, cpu }) => [
    megapixels,
    ...[...steps, total].map(milliseconds => milliseconds.toFixed(0)),
    cpu.toFixed(1),
    (cpu / megapixels).toFixed(2),
  ])
  return [{ head: ['megapixels', ...STEPS, 'total (ms)', 'CPU (s)', 'CPU a megapixel (s)'], rows, note: out }]
}

interface Cost {
  megapixels: number
  /** Milliseconds of each step, and of all. */
  steps: number[]
  total: number
  /** CPU time in seconds. */
  cpu: number
}

async function street(megapixels: number): Promise<Buffer> {
  const width = Math.round(Math.sqrt((megapixels * 1e6 * 4) / 3))
  return enlargedStreet(width, Math.round((width * 3) / 4))
    .jpeg({ quality: 90 })
    .toBuffer()
}

async function costOf(
  image: Buffer,
  megapixels: number,
  runs: number,
  anonymize: (image: Buffer) => Promise<{ timings: Timings }>,
): Promise<Cost> {
  const timings: Timings[] = []
  const cpus: number[] = []
  for (let i = 0; i < runs; i++) {
    const before = await engineProcess()
    timings.push((await anonymize(image)).timings)
    cpus.push((await engineProcess()).cpu - before.cpu)
  }
  const steps = STEPS.map(step => Math.min(...timings.map(one => one[step])))
  return { megapixels, steps, total: steps.reduce((sum, milliseconds) => sum + milliseconds, 0), cpu: Math.min(...cpus) }
}

async function writePlot(file: string, costs: readonly Cost[]): Promise<void> {
  // CPU time is distributed over the steps in proportion to elapsed time.
  const rest = ({ cpu, steps, total }: Cost) => (cpu * steps.slice(2).reduce((sum, value) => sum + value, 0)) / total
  await mkdir(dirname(file), { recursive: true })
  await writeFile(
    file,
    plotLines('CPU seconds for one image by its megapixels', [
      { name: 'all', points: costs.map(({ megapixels, cpu }) => [megapixels, cpu] as const) },
      { name: 'all but inference', points: costs.map(cost => [cost.megapixels, rest(cost)] as const) },
    ]),
  )
}
