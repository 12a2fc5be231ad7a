/**
 * `npm run linear -w bench`: what one image costs by its size, from 1 to 60 megapixels: the street of the tests enlarged, in a process of its own, one
 * thread. Writes the plot `figures/linear.svg`. Given is the least time of several runs of each step: on a busy machine the least disturbed.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createEngine, DEFAULT_PARAMETERS, type Timings } from '@obscura/engine'
import sharp from 'sharp'
import { plotLines } from './linear/plot.js'

const local = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

const { values } = parseArgs({
  options: {
    megapixels: { type: 'string', multiple: true, default: ['1', '2', '4', '8', '12', '24', '33', '60'] },
    runs: { type: 'string', default: '3' },
    models: { type: 'string', default: local('models') },
    out: { type: 'string', default: local('bench/figures/linear.svg') },
  },
})

const ALL = { ...DEFAULT_PARAMETERS, face: true, person: true, license_plate: true, vehicle: true }
/** Inference, and all the rest. */
const STEPS = ['detect', 'segment', 'decode', 'render', 'encode'] as const

async function street(megapixels: number): Promise<Buffer> {
  const width = Math.round(Math.sqrt((megapixels * 1e6 * 4) / 3))
  const image = sharp(local('tests/fixtures/street-taxis.jpg')).resize(width, Math.round((width * 3) / 4), { fit: 'cover' })
  return image.jpeg({ quality: 90 }).toBuffer()
}

function least(runs: readonly Timings[], step: string): number {
  return Math.min(...runs.map(timings => timings[step]))
}

sharp.cache(false)
const engine = createEngine({ modelsFolder: values.models, children: 1, threads: 1 })
// Loads the networks.
await engine.anonymize(await street(1), ALL)
console.log(`| megapixels | ${STEPS.join(' | ')} | total | total a megapixel |\n|${'---|'.repeat(STEPS.length + 3)}`)
const rows: { megapixels: number; steps: number[]; total: number }[] = []
for (const megapixels of values.megapixels.map(Number)) {
  const image = await street(megapixels)
  const runs: Timings[] = []
  for (let i = 0; i < Number(values.runs); i++) runs.push((await engine.anonymize(image, ALL)).timings)
  const steps = STEPS.map(step => least(runs, step))
  const total = steps.reduce((sum, milliseconds) => sum + milliseconds, 0)
  rows.push({ megapixels, steps, total })
  const cells = [...steps, total, total / megapixels].map(milliseconds => milliseconds.toFixed(0))
  console.log(`| ${megapixels} | ${cells.join(' | ')} |`)
}
await engine.close()

const line = (name: string, millisecondsOf: (row: (typeof rows)[number]) => number) => ({
  name,
  points: rows.map(row => [row.megapixels, millisecondsOf(row) / 1000] as const),
})
await mkdir(dirname(values.out), { recursive: true })
await writeFile(
  values.out,
  plotLines('Seconds for one image by its megapixels, one thread', [
    line('total', ({ total }) => total),
    line('all but inference', ({ steps }) => steps.slice(2).reduce((sum, milliseconds) => sum + milliseconds, 0)),
  ]),
)
console.log(`\n${values.out}`)
