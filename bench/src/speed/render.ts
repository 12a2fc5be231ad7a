/**
 * The time of everything but inference (probe, metadata, decode, render, encode) against sharp's
 * bare decode and encode of the same file with its defaults, at the same quality or compression
 * level. Both take turns, so that a busy machine slows both; each figure is a median.
 */
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import { DEFAULT_PARAMETERS, type Detection, type ObjectClass, type Size } from '@obscura/engine'
import { decode, encode, probe, readMetadata, render, segment } from '@obscura/engine/internals'
import type { Command } from 'commander'
import sharp from 'sharp'
import { positive } from '../options.js'
import { median } from '../report/statistics.js'
import type { Table } from '../report/table.js'
import { enlargedStreet, repositoryPath } from '../repository.js'

export function command(command: Command): Command {
  return command
    .argument('[photos...]', 'photos; default: those of the tests, original and enlarged, as JPEG and PNG')
    .option('--runs <number>', 'rounds of each image', positive, 11)
    .option('--limit <ratio>', 'fail when a ratio of elapsed times is larger', positive, 1.3)
}

export async function run({ runs, limit }: { runs: number; limit: number }, photos: string[]): Promise<Table[]> {
  sharp.cache(false)
  sharp.concurrency(availableParallelism())
  const rows: Table['rows'] = []
  let worst = 0
  for (const [name, file] of await images(photos)) {
    const { width, height, format } = await sharp(file, { limitInputPixels: false }).metadata()
    const rounds = await roundsOf(file, format, runs)
    const cells = (['plain', 'crowded'] as const).flatMap(kind => {
      const ratio = median(rounds.map(round => round[kind].wall / round.sharps.wall))
      const cpu = median(rounds.map(round => round[kind].cpu / round.sharps.cpu))
      worst = Math.max(worst, ratio)
      return [median(rounds.map(round => round[kind].wall)).toFixed(0), ratio.toFixed(2), cpu.toFixed(2)]
    })
    const reference = median(rounds.map(round => round.sharps.wall)).toFixed(0)
    rows.push([name, `${width} x ${height}`, format, reference, ...cells])
    console.error(`${name}, ${format}: ${cells[1]}`)
  }
  if (worst > limit) process.exitCode = 1
  const objects = Object.values(CROWD).reduce((sum, { count }) => sum + count, 0)
  const head = [
    'image',
    'size',
    'format',
    'sharp ms',
    'ours ms',
    'ratio',
    'of CPU',
    `with ${objects} objects ms`,
    'ratio',
    'of CPU',
  ]
  return [{ head, rows, note: `Worst ratio: ${worst.toFixed(2)} (limit: ${limit}).` }]
}

type Round = Record<'sharps' | 'plain' | 'crowded', Cost>

/** The first round warms up and does not count. */
async function roundsOf(file: Buffer, format: string, runs: number): Promise<Round[]> {
  const rounds: Round[] = []
  for (let i = 0; i <= runs; i++) {
    rounds.push({
      sharps: await costOf(() => bare(file, format)),
      plain: await costOf(() => ours(file, () => [])),
      crowded: await costOf(() => ours(file, crowd)),
    })
  }
  return rounds.slice(1)
}

/**
 * A street full of people and cars: how many, their width as a fraction of the root of the image's
 * area, and their height as a fraction of that. Together they cover a sixth of an image of any
 * shape.
 */
const CROWD: Record<ObjectClass, { count: number; width: number; aspect: number }> = {
  face: { count: 16, width: 0.017, aspect: 1.25 },
  person: { count: 14, width: 0.046, aspect: 2.5 },
  license_plate: { count: 8, width: 0.023, aspect: 0.25 },
  vehicle: { count: 12, width: 0.115, aspect: 0.6 },
}

/** Objects spread over the image by the golden ratio: evenly, but in no grid. */
function crowd({ width, height }: Size): Detection[] {
  const detections: Detection[] = []
  for (const [name, { count, width: fraction, aspect }] of Object.entries(CROWD)) {
    for (let i = 0; i < count; i++) {
      const side = fraction * Math.sqrt(width * height) * (0.6 + 0.8 * ((i * Math.SQRT2) % 1))
      const left = ((detections.length * 0.618034) % 1) * (width - side)
      const top = ((detections.length * 0.754878) % 1) * Math.max(0, height - side * aspect)
      detections.push({ class: name as ObjectClass, score: 0.9, box: [left, top, left + side, top + side * aspect] })
    }
  }
  return detections
}

async function ours(file: Buffer, find: (size: Size) => Detection[]): Promise<void> {
  const header = probe(file, { maximumPixels: Number.POSITIVE_INFINITY, format: 'whole' })
  const metadata = readMetadata(header)
  const { raster, pixels } = await decode(file, header, metadata.icc)
  render(pixels, await segment(raster, find(raster), { bbox: false, ignores: [] }), DEFAULT_PARAMETERS)
  await encode(pixels, header, metadata, DEFAULT_PARAMETERS)
}

async function bare(file: Buffer, format: string): Promise<void> {
  const image = sharp(file, { limitInputPixels: false })
  const { quality, compress_level: compressionLevel } = DEFAULT_PARAMETERS
  await (format === 'jpeg' ? image.jpeg({ quality }) : image.png({ compressionLevel })).toBuffer()
}

interface Cost {
  /**
   * Elapsed time and CPU time in milliseconds: a busy machine changes the second
   * one less.
   */
  wall: number
  cpu: number
}

async function costOf(work: () => Promise<void>): Promise<Cost> {
  const start = performance.now()
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return { wall: performance.now() - start, cpu: (user + system) / 1000 }
}

async function images(photos: string[]): Promise<[name: string, file: Buffer][]> {
  if (photos.length > 0) return Promise.all(photos.map(async photo => [basename(photo), await readFile(photo)]))
  const rows: [name: string, file: Buffer][] = []
  for (const name of ['street-taxis', 'group-portrait']) {
    const fixture = repositoryPath(`tests/fixtures/${name}.jpg`)
    rows.push([name, await readFile(fixture)], [name, await sharp(fixture).png().toBuffer()])
  }
  for (const [width, height] of [
    [4000, 3000],
    [8192, 4096],
  ]) {
    const enlarged = await enlargedStreet(width, height).raw().toBuffer()
    const image = sharp(enlarged, { raw: { width, height, channels: 3 } })
    rows.push(['street-taxis, enlarged', await image.clone().jpeg({ quality: 92 }).toBuffer()])
    rows.push(['street-taxis, enlarged', await image.clone().png().toBuffer()])
  }
  return rows
}
