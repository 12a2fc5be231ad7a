/**
 * The program that measures the costs of an image on one thread: the pipeline's own functions, with
 * the environment that the engine gives its processes. Answers each request from its parent.
 */
import { readFile } from 'node:fs/promises'
import { choosePrecision, type PrecisionSetting } from '@obscura/engine'
import {
  decode,
  detect,
  encode,
  loadMaskNet,
  loadNetworks,
  probe,
  readManifests,
  readMetadata,
  render,
  segment,
} from '@obscura/engine/internals'
import type { InferenceSession } from 'onnxruntime-node'
import sharp from 'sharp'
import { ALL_CLASSES } from '../all-classes.js'
import type { Costs, CostsRequest } from './costs.js'

const CLASSES = ['face', 'person', 'license_plate', 'vehicle'] as const

sharp.cache(false)
sharp.concurrency(1)
const models = process.argv[2]
const precision = choosePrecision((process.argv[3] ?? 'auto') as PrecisionSetting, 'cpu')
const networks = await loadNetworks(models, { threads: 1, profile: 'standard', precision })
const segmenter = (await readManifests(models)).find(manifest => manifest.task === 'segment')!
const maskNet = await loadMaskNet(segmenter, models, { threads: 1 })
const inferences = recordInferences()

process.on('message', async (request: CostsRequest) => process.send!(await costsOf(request)))
process.send!('ready')

async function costsOf({ file, sphere, floors }: CostsRequest): Promise<Costs> {
  const bytes = await readFile(file)
  const clock = startClock()
  const header = probe(bytes, { maximumPixels: Number.POSITIVE_INFINITY, format: 'whole' })
  const metadata = readMetadata(header)
  const { raster, pixels } = await decode(bytes, header, metadata.icc)
  clock.step('decode')

  inferences.clear()
  const detections = await detect(raster, { classes: CLASSES, format: 'whole', sphere }, networks)
  clock.step('search')
  const byNetwork = inferences.byNetwork()
  const inference = Object.values(byNetwork).reduce((sum, { cpu }) => sum + cpu, 0)

  const regions = await segment(raster, detections, { bbox: false, ignores: [], maskNet })
  clock.step('segment')
  render(pixels, regions, ALL_CLASSES)
  clock.step('render')
  await encode(pixels, header, metadata, ALL_CLASSES)
  clock.step('encode')
  const { search, ...stages } = clock.steps
  return {
    stages: { ...stages, inference, search: search - inference },
    networks: byNetwork,
    codecFloor: floors ? await cpuOf(() => bareCodec(bytes)) : 0,
    inferenceFloor: floors ? await inferences.repeat() : 0,
    detections: detections.length,
  }
}

async function bareCodec(bytes: Buffer): Promise<void> {
  const { quality } = ALL_CLASSES
  await sharp(bytes, { limitInputPixels: false }).jpeg({ quality }).toBuffer()
}

type Feeds = InferenceSession.FeedsType
interface Inference {
  network: string
  cpu: number
  megapixels: number
  /** Runs it again. */
  again(): Promise<unknown>
}

/** Watches the detectors' sessions. */
function recordInferences() {
  const seen: Inference[] = []
  /** One input of each size is enough: what it shows does not change the time. */
  const inputs = new Map<string, Feeds>()
  for (const { manifest, session } of networks.detectors) {
    const run = session.run.bind(session)
    session.run = async (feeds: Feeds) => {
      const before = process.cpuUsage()
      const outputs = await run(feeds)
      const [{ dims }] = Object.values(feeds)
      const key = `${manifest.name} ${dims}`
      if (!inputs.has(key)) inputs.set(key, feeds)
      const [, a, b, c] = dims
      const megapixels = (a <= 4 ? b * c : a * b) / 1e6
      seen.push({ network: manifest.name, cpu: since(before), megapixels, again: () => run(inputs.get(key)!) })
      return outputs
    }
  }
  return {
    clear() {
      seen.length = 0
      inputs.clear()
    },
    byNetwork(): Costs['networks'] {
      const networks: Costs['networks'] = {}
      for (const { network, cpu, megapixels } of seen) {
        networks[network] ??= { runs: 0, megapixels: 0, cpu: 0 }
        networks[network].runs++
        networks[network].megapixels += megapixels
        networks[network].cpu += cpu
      }
      return networks
    },
    /** Milliseconds of all inferences, without anything between them. */
    repeat: () =>
      cpuOf(async () => {
        for (const { again } of [...seen]) await again()
      }),
  }
}

function startClock() {
  const steps: Record<string, number> = {}
  let last = process.cpuUsage()
  return {
    steps,
    step(name: string): void {
      steps[name] = since(last)
      last = process.cpuUsage()
    },
  }
}

async function cpuOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  return since(before)
}

function since(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
