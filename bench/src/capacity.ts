/**
 * `npm run capacity -w bench -- [--set name=value]...`: what a number of images a day asks for, from a thousand to a billion: cores, API processes,
 * statements, commands, requests, bytes; how long tasks wait in the busiest hour; and what is used up first. Prints tables, and with `--plot FILE`
 * draws them.
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type Demand, demandOf } from './capacity/demand.js'
import { FIGURES, readFigures, type Values } from './capacity/figures.js'
import { LIMITS, loadsOf, reach } from './capacity/limits.js'
import { drawPlot, short } from './capacity/plot.js'
import { randomNumbers, serviceTimes, simulate, type Waits } from './capacity/queue.js'

const { values: options } = parseArgs({
  options: {
    set: { type: 'string', multiple: true, default: [] },
    plot: { type: 'string' },
    /** Simulates this many cores with tasks always waiting, to compare with `npm run scale -w bench`. */
    saturate: { type: 'string' },
  },
})

const SIMULATED = 400_000

function waitsOf(demand: Demand, values: Values): Waits {
  const random = randomNumbers(1)
  const service = serviceTimes(values.engineSeconds + values.workerSeconds, values.engineVariation, random)
  // Long enough for the queue to settle, however many cores there are.
  const tasks = Math.max(SIMULATED, 20 * demand.cores)
  return simulate({ rate: demand.rate, cores: demand.cores, service, tasks, random })
}

function table(head: string[], rows: string[][]): string {
  const lines = [head, head.map(() => '---'), ...rows]
  return `${lines.map(cells => `| ${cells.join(' | ')} |`).join('\n')}\n`
}

const seconds = (value: number) => (value < 0.05 ? '0' : value.toFixed(1))

/** A column: its head, and what stands below it. */
type Column = [head: string, cell: (demand: Demand, values: Values) => string]

const IMAGES: Column = ['images a day', demand => short(demand.imagesPerDay)]

const PROCESSES: Column[] = [
  IMAGES,
  ['tasks/s', d => short(d.rate)],
  ['cores', d => short(d.cores)],
  ['workers', d => short(d.workers)],
  ['API processes', d => short(d.apiProcesses)],
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
      return load < 0.1 ? 'none' : `${limit.part}: ${short(load)} of one`
    },
  ],
]

const SERVERS: Column[] = [
  IMAGES,
  ['statements/s', d => short(d.statements)],
  ['rows written/s', d => short(d.writes)],
  ['connections', d => short(d.connections)],
  ['rows / database a year', d => `${short(d.rowsPerYear)} / ${short(d.databaseBytesPerYear)}B`],
  ['Redis commands/s / memory', d => `${short(d.redisCommands)} / ${short(d.redisBytes)}B`],
  ['S3 reads / writes/s', d => `${short(d.s3Reads)} / ${short(d.s3Writes)}`],
  ['S3 traffic/s', d => `${short(d.bandwidth)}B`],
  ['files kept', d => `${short(d.storageBytes)}B`],
]

const values = readFigures(options.set)
if (options.saturate) {
  const random = randomNumbers(1)
  const service = serviceTimes(values.engineSeconds + values.workerSeconds, values.engineVariation, random)
  const cores = Number(options.saturate)
  const { throughput } = simulate({ rate: Number.POSITIVE_INFINITY, cores, service, tasks: SIMULATED, random })
  console.log(`${cores} cores with tasks always waiting: ${throughput.toFixed(3)} images a second`)
} else {
  const demands = [3, 4, 5, 6, 7, 8, 9].map(power => demandOf(10 ** power, values))
  for (const columns of [PROCESSES, SERVERS]) {
    const rows = demands.map(demand => columns.map(([, cell]) => cell(demand, values)))
    console.log(
      table(
        columns.map(([head]) => head),
        rows,
      ),
    )
  }
  const reaches = LIMITS.map(limit => ({ limit, imagesPerDay: reach(limit, values) })).sort(
    (a, b) => a.imagesPerDay - b.imagesPerDay,
  )
  console.log(
    table(
      ['one of each', 'is used up at (images a day)', 'then'],
      reaches.map(({ limit, imagesPerDay }) => [limit.part, short(imagesPerDay), limit.remedy]),
    ),
  )
  console.log(
    table(
      ['figure', 'value', 'unit', 'from'],
      Object.entries(FIGURES).map(([name, { unit, source }]) => [name, String(values[name as keyof Values]), unit, source]),
    ),
  )
  const steps = Array.from({ length: 61 }, (_, i) => demandOf(10 ** (3 + i / 10), values))
  if (options.plot) await writeFile(options.plot, drawPlot(steps, reaches))
}
