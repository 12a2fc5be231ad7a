/**
 * What a number of images a day asks for, from a thousand to a billion: cores, API processes,
 * statements, commands, requests, bytes; how long tasks wait in the busiest hour; and what is used
 * up first.
 */
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { positive, repeatable } from '../options.js'
import type { Table } from '../report/table.js'
import { type Demand, demandOf } from './model/demand.js'
import { FIGURES, readFigures, type Values } from './model/figures.js'
import { LIMITS, loadsOf, reach } from './model/limits.js'
import { drawPlot, formatShort } from './model/plot.js'
import { randomNumbers, serviceTimes, simulate, type Waits } from './model/simulation.js'

interface Options {
  set: string[]
  plot?: string
  saturate?: number
}

export function command(command: Command): Command {
  return command
    .option('--set <name=value>', 'replace a figure; repeatable', repeatable(), [])
    .option('--plot <file>', 'draw the tables as SVG')
    .option(
      '--saturate <cores>',
      'only simulate this number of cores with tasks always waiting; compare with `workers`',
      positive,
    )
}

export async function run({ set, plot, saturate }: Options): Promise<Table[]> {
  const values = readFigures(set)
  if (saturate) return [saturated(saturate, values)]
  const demands = [3, 4, 5, 6, 7, 8, 9].map(power => demandOf(10 ** power, values))
  const reaches = LIMITS.map(limit => ({ limit, imagesPerDay: reach(limit, values) })).sort(
    (a, b) => a.imagesPerDay - b.imagesPerDay,
  )
  const steps = Array.from({ length: 61 }, (_, i) => demandOf(10 ** (3 + i / 10), values))
  if (plot) await writeFile(plot, drawPlot(steps, reaches))
  return [
    ...[PROCESSES, SERVERS].map(columns => ({
      head: columns.map(([head]) => head),
      rows: demands.map(demand => columns.map(([, cell]) => cell(demand, values))),
    })),
    {
      head: ['one of each', 'is used up at (images a day)', 'then'],
      rows: reaches.map(({ limit, imagesPerDay }) => [limit.part, formatShort(imagesPerDay), limit.remedy]),
    },
    {
      head: ['figure', 'value', 'unit', 'from'],
      rows: Object.entries(FIGURES).map(([name, { unit, source }]) => [name, values[name as keyof Values], unit, source]),
    },
  ]
}

function saturated(cores: number, values: Values): Table {
  const random = randomNumbers(1)
  const service = serviceTimes(values.engineSeconds + values.workerSeconds, values.engineVariation, random)
  const { throughput } = simulate({ rate: Number.POSITIVE_INFINITY, cores, service, tasks: SIMULATED, random })
  return { head: ['cores, tasks always waiting', 'images a second'], rows: [[cores, throughput.toFixed(3)]] }
}

const SIMULATED = 400_000

function waitsOf(demand: Demand, values: Values): Waits {
  const random = randomNumbers(1)
  const service = serviceTimes(values.engineSeconds + values.workerSeconds, values.engineVariation, random)
  // Long enough for the queue to settle, however many cores there are.
  const tasks = Math.max(SIMULATED, 20 * demand.cores)
  return simulate({ rate: demand.rate, cores: demand.cores, service, tasks, random })
}

const seconds = (value: number) => (value < 0.05 ? '0' : value.toFixed(1))

/** A column: its head, and what stands below it. */
type Column = [head: string, cell: (demand: Demand, values: Values) => string]

const IMAGES: Column = ['images a day', demand => formatShort(demand.imagesPerDay)]

const PROCESSES: Column[] = [
  IMAGES,
  ['tasks/s', d => formatShort(d.rate)],
  ['cores', d => formatShort(d.cores)],
  ['workers', d => formatShort(d.workers)],
  ['API processes', d => formatShort(d.apiProcesses)],
  [
    'wait p50 / p99 (s)',
    (d, v) => {
      const { p50, p99 } = waitsOf(d, v)
      return `${seconds(p50)} / ${seconds(p99)}`
    },
  ],
  [
    'most loaded part',
    (d, v) => {
      const [{ limit, load }] = loadsOf(d, v)
      return load < 0.1 ? 'none' : `${limit.part}: ${formatShort(load)} of one`
    },
  ],
]

const SERVERS: Column[] = [
  IMAGES,
  ['statements/s', d => formatShort(d.statements)],
  ['rows written/s', d => formatShort(d.writes)],
  ['connections', d => formatShort(d.connections)],
  ['rows / database a year', d => `${formatShort(d.rowsPerYear)} / ${formatShort(d.databaseBytesPerYear)}B`],
  ['Redis commands/s / memory', d => `${formatShort(d.redisCommands)} / ${formatShort(d.redisBytes)}B`],
  ['S3 reads / writes/s', d => `${formatShort(d.s3Reads)} / ${formatShort(d.s3Writes)}`],
  ['S3 traffic/s', d => `${formatShort(d.bandwidth)}B`],
  ['files kept', d => `${formatShort(d.storageBytes)}B`],
]
