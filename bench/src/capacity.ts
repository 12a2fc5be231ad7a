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

function row(demand: Demand, values: Values): string[] {
  const { p50, p99 } = waitsOf(demand, values)
  const [first] = loadsOf(demand, values)
  return [
    short(demand.imagesPerDay),
    short(demand.rate),
    short(demand.cores),
    short(demand.workers),
    short(demand.apiProcesses),
    `${seconds(p50)} / ${seconds(p99)}`,
    short(demand.statements),
    short(demand.writes),
    short(demand.redisCommands),
    `${short(demand.s3Reads)} / ${short(demand.s3Writes)}`,
    `${short(demand.bandwidth)}B`,
    `${short(demand.storageBytes)}B`,
    `${short(demand.rowsPerYear)} / ${short(demand.databaseBytesPerYear)}B`,
    `${first.limit.part}, ${first.load >= 0.1 ? `${short(first.load)} of it` : 'hardly'}`,
  ]
}

const HEAD = [
  'images a day',
  'tasks/s',
  'cores',
  'workers',
  'API processes',
  'wait p50 / p99 (s)',
  'statements/s',
  'rows written/s',
  'Redis commands/s',
  'S3 reads / writes/s',
  'bandwidth/s',
  'files kept',
  'a year: rows / database',
  'most loaded part',
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
  console.log(
    table(
      HEAD,
      demands.map(demand => row(demand, values)),
    ),
  )
  const reaches = LIMITS.map(limit => ({ limit, imagesPerDay: reach(limit, demands[0], values) })).sort(
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
