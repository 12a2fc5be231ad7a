/**
 * CPU seconds of an image on one thread, by stage and by network, against what bare decoding and
 * encoding and bare inference cost in the same run. With `--against`, the same of another prepared
 * clone in turns with this one: their ratio holds on a busy machine too.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { positive, repeatable } from '../options.js'
import { median } from '../report/statistics.js'
import type { Table } from '../report/table.js'
import { enlargedStreet, repositoryPath } from '../repository.js'
import { type Costs, type CostsRequest, type MeasuredImage, STAGES } from './costs.js'

interface Options {
  size: string[]
  runs: number
  against?: string
  out: string
}

/** Megapixels of a photo, or the width of a panorama. */
const SIZES = ['0.3', '2', '12']
const NAME = /^(?:(\d+(?:\.\d+)?)|pano:(\d+))$/

export function command(command: Command): Command {
  return command
    .option('--size <size>', 'megapixels of a photo, or pano:WIDTH; may be repeated', repeatable(SIZES), SIZES)
    .option('--runs <number>', 'rounds of each image after its first', positive, 5)
    .option('--against <folder>', 'another prepared clone, measured in turns with this one')
    .option('--out <file>', 'all figures as JSON', repositoryPath('bench/out/speed.json'))
}

export async function run({ size: sizes, runs, against, out }: Options): Promise<Table[]> {
  const folder = await mkdtemp(join(tmpdir(), 'obscura-speed-'))
  const clones = [repositoryPath(''), ...(against ? [against] : [])]
  const rows: Row[] = []
  try {
    for (const size of sizes) {
      const image = await write(folder, size)
      const [own, other] = await measure(clones, image, runs)
      rows.push({ size, own, other })
      console.error(`${size}: ${total(own).toFixed(0)} ms of CPU`)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
  await mkdir(dirname(out), { recursive: true })
  await writeFile(out, `${JSON.stringify(rows, undefined, 1)}\n`)
  return [byStage(rows), byNetwork(rows)]
}

/** Medians of this clone, and of the other one with the median ratio of detection. */
interface Row {
  size: string
  own: Costs
  other?: Costs & { ratio: number }
}

async function write(folder: string, size: string): Promise<MeasuredImage> {
  const [, megapixels, width] = NAME.exec(size) ?? []
  if (!megapixels && !width) throw new Error(`--size ${size}: expected megapixels or pano:WIDTH.`)
  const across = width ? Number(width) : Math.round(Math.sqrt((Number(megapixels) * 1e6 * 4) / 3))
  const file = join(folder, `${across}.jpg`)
  await enlargedStreet(across, Math.round(across * (width ? 1 / 2 : 3 / 4)))
    .jpeg({ quality: 90 })
    .toFile(file)
  return { file, sphere: width !== undefined }
}

/** Medians of rounds in which the clones take turns; the first round does not count. */
async function measure(clones: readonly string[], image: MeasuredImage, runs: number): Promise<[Costs, Row['other']]> {
  const measurers = await Promise.all(clones.map(start))
  const rounds: Costs[][] = []
  for (let i = 0; i <= runs; i++) {
    const round: Costs[] = []
    for (const measurer of measurers) round.push(await ask(measurer, { ...image, floors: i === runs }))
    if (i > 0) rounds.push(round)
  }
  for (const { process } of measurers) process.kill()
  const [own, other] = clones.map((_, i) => middle(rounds.map(round => round[i])))
  const ratio = median(rounds.map(([one, two]) => detection(one) / (two ? detection(two) : 1)))
  return [own, other && { ...other, ratio }]
}

/** A process of a clone that measures, with the environment that this clone gives its engine's. */
async function start(clone: string): Promise<Measurer> {
  const environment = join(clone, 'packages/engine/dist/child-environment.js')
  const { childEnvironment }: typeof import('@obscura/engine/internals') = await import(environment)
  const program = join(clone, 'bench/dist/speed/costs-process.js')
  const process = fork(program, [join(clone, 'models')], { env: childEnvironment() })
  const ended = new AbortController()
  process.once('exit', () => ended.abort())
  const measurer = { process, ended: ended.signal }
  await replyOf(measurer)
  return measurer
}

interface Measurer {
  process: ChildProcess
  /** Aborted when the process is gone. */
  ended: AbortSignal
}

function ask(measurer: Measurer, request: CostsRequest): Promise<Costs> {
  measurer.process.send(request)
  return replyOf(measurer) as Promise<Costs>
}

async function replyOf({ process, ended }: Measurer): Promise<unknown> {
  const [reply] = await once(process, 'message', { signal: ended })
  return reply
}

/** The median of each figure; floors, which only the last round has, are those of that one. */
function middle(costs: readonly Costs[]): Costs {
  const last = costs.at(-1)!
  const stages = Object.keys(last.stages).map(name => [name, median(costs.map(one => one.stages[name]))])
  const networks = Object.entries(last.networks).map(([name, network]) => [
    name,
    { ...network, cpu: median(costs.map(one => one.networks[name].cpu)) },
  ])
  return { ...last, stages: Object.fromEntries(stages), networks: Object.fromEntries(networks) }
}

function detection({ stages }: Costs): number {
  return stages.inference + stages.search
}

function total({ stages }: Costs): number {
  return STAGES.reduce((sum, stage) => sum + stages[stage], 0)
}

function byStage(rows: readonly Row[]): Table {
  const compared = rows.some(({ other }) => other)
  const head = ['size', ...STAGES, 'all (ms)', 'codec floor', 'inference floor', 'all / floors', 'all but inference / codec']
  const lines = rows.map(({ size, own, other }) => {
    const { codecFloor, inferenceFloor } = own
    const rest = total(own) - own.stages.inference
    const figures = [...STAGES.map(stage => own.stages[stage]), total(own), codecFloor, inferenceFloor].map(ms => ms.toFixed(0))
    const ratios = [total(own) / (codecFloor + inferenceFloor), rest / codecFloor, ...(other ? [other.ratio] : [])]
    return [size, ...figures, ...ratios.map(ratio => ratio.toFixed(2))]
  })
  return { head: [...head, ...(compared ? ['detection, ratio to the other clone'] : [])], rows: lines }
}

function byNetwork(rows: readonly Row[]): Table {
  const lines = rows.flatMap(({ size, own, other }) =>
    Object.entries(own.networks).map(([name, { runs, megapixels, cpu }]) => {
      const before = other?.networks[name]
      const ratio = before ? [(cpu / before.cpu).toFixed(2)] : other ? ['-'] : []
      return [size, name, runs, megapixels.toFixed(1), cpu.toFixed(0), ...ratio]
    }),
  )
  const compared = rows.some(({ other }) => other)
  return { head: ['size', 'network', 'runs', 'Mpx of inputs', 'ms', ...(compared ? ['ratio'] : [])], rows: lines }
}
