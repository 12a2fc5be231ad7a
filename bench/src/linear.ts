/**
 * `npm run linear -w bench`: what one image costs by its size, from 1 to 60 megapixels: the street of the tests enlarged, in a process of its own, one
 * thread. Writes the plot `figures/linear.svg`, of the processor's time: a busy machine changes it less. Given is the least of several runs.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createEngine, DEFAULT_PARAMETERS, type Timings } from '@obscura/engine'
import sharp from 'sharp'
import { engineProcess } from './engine-process.js'
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
console.log(`| megapixels | ${STEPS.join(' | ')} | ms in all | CPU s | CPU s a megapixel |\n|${'---|'.repeat(STEPS.length + 4)}`)
const rows: { megapixels: number; rest: number; cpu: number }[] = []
for (const megapixels of values.megapixels.map(Number)) {
  const image = await street(megapixels)
  const runs: Timings[] = []
  const cpus: number[] = []
  for (let i = 0; i < Number(values.runs); i++) {
    const before = await engineProcess()
    runs.push((await engine.anonymize(image, ALL)).timings)
    cpus.push((await engineProcess()).cpu - before.cpu)
  }
  const steps = STEPS.map(step => least(runs, step))
  const total = steps.reduce((sum, milliseconds) => sum + milliseconds, 0)
  const cpu = Math.min(...cpus)
  rows.push({ megapixels, rest: (cpu * steps.slice(2).reduce((sum, milliseconds) => sum + milliseconds, 0)) / total, cpu })
  const cells = [...steps, total].map(milliseconds => milliseconds.toFixed(0))
  console.log(`| ${megapixels} | ${cells.join(' | ')} | ${cpu.toFixed(1)} | ${(cpu / megapixels).toFixed(2)} |`)
}
await engine.close()

await mkdir(dirname(values.out), { recursive: true })
await writeFile(
  values.out,
  plotLines('CPU seconds for one image by its megapixels', [
    { name: 'all', points: rows.map(({ megapixels, cpu }) => [megapixels, cpu] as const) },
    { name: 'all but inference', points: rows.map(({ megapixels, rest }) => [megapixels, rest] as const) },
  ]),
)
console.log(`\n${values.out}`)
