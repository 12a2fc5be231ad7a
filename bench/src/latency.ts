/**
 * `npm run latency -w bench -- [PHOTO...]`: seconds from bytes to anonymized bytes for one image at a time, all four classes, engine defaults. The
 * first run of each photo is told apart: the very first loads the networks. Without a photo: the street of the tests, enlarged to 12 megapixels.
 */
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createEngine, DEFAULT_PARAMETERS, type Engine, type Output } from '@obscura/engine'
import sharp from 'sharp'

const local = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

const { values, positionals: photos } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    profile: { type: 'string', default: 'standard' },
    threads: { type: 'string' },
    models: { type: 'string', default: local('models') },
  },
})

const ALL = { ...DEFAULT_PARAMETERS, face: true, person: true, license_plate: true, vehicle: true }
const STEPS = ['decode', 'detect', 'segment', 'render', 'encode']

/** Seconds of each run of one image, and what the last one gave. */
async function time(engine: Engine, image: Uint8Array, runs: number): Promise<{ seconds: number[]; output: Output }> {
  const seconds: number[] = []
  for (;;) {
    const start = performance.now()
    const output = await engine.anonymize(image, ALL)
    seconds.push((performance.now() - start) / 1000)
    if (seconds.length > runs) return { seconds, output }
  }
}

async function images(): Promise<[name: string, image: Uint8Array][]> {
  if (photos.length > 0) return Promise.all(photos.map(async photo => [basename(photo), await readFile(photo)]))
  const street = sharp(local('tests/fixtures/street-taxis.jpg')).resize(4000, 3000, { fit: 'cover' })
  return [['street-taxis, enlarged', await street.jpeg({ quality: 92 }).toBuffer()]]
}

const engine = createEngine({
  modelsFolder: values.models,
  profile: values.profile === 'fast' ? 'fast' : 'standard',
  threads: values.threads ? Number(values.threads) : undefined,
})
console.log(
  `profile ${values.profile}, ${values.threads ?? availableParallelism()} threads; seconds, then ms of each step of the last run\n`,
)
console.log(`| image | size | objects | first | median of ${values.runs} | ${STEPS.join(' | ')} |`)
console.log(`|---|---|---|---|---|${'---|'.repeat(STEPS.length)}`)
for (const [name, image] of await images()) {
  const { seconds, output } = await time(engine, image, Number(values.runs))
  const [first, ...later] = seconds
  const median = later.sort((a, b) => a - b)[later.length >> 1]
  const steps = STEPS.map(step => Math.round(output.timings[step]))
  console.log(
    `| ${name} | ${output.width} x ${output.height} | ${output.detections.length} | ${first.toFixed(1)} | ${median.toFixed(1)} | ${steps.join(' | ')} |`,
  )
}
await engine.close()
