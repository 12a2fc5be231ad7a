/** The program of an engine process, which anonymizes one image after the other. */

import sharp from 'sharp'
import { anonymizeImage, type Tools } from './anonymize.js'
import { serveParent } from './channel.js'
import { readManifests } from './detect/manifest.js'
import { loadNetworks } from './detect/networks.js'
import { type Searcher, startSearcher } from './detect/searcher-thread.js'
import type { Device } from './detect/session.js'
import { EngineError } from './errors.js'
import { probe } from './probe/probe.js'
import type { ChildSettings, Reply, Request } from './protocol.js'
import { loadMaskNet } from './segment/masknet.js'

const settings: ChildSettings = JSON.parse(process.argv[2])

// A cache of libvips operations would only hold memory: images do not repeat.
sharp.cache(false)
sharp.concurrency(settings.threads)

// The parent handles interrupts; the terminal sends them to the whole process group.
process.on('SIGINT', () => {})
serveParent<Request, Reply>(async (request, send) => {
  send(await answer(request))
  // Decoded images are large and V8 sees only small handles of them: without this the next one
  // would be allocated on top of the last.
  globalThis.gc?.()
})

let loading: Promise<Tools> | undefined

/** The networks, loaded with the first image, and again with the next one if that fails. */
function tools(): Promise<Tools> {
  loading ??= load().catch(error => {
    loading = undefined
    throw error
  })
  return loading
}

/** Two searchers share the threads. */
const forSearch = { ...settings, threads: Math.max(1, settings.threads >> 1) }

/** Falls back to the CPU when the GPU cannot be used: slow results are better than none. */
async function load(): Promise<Tools> {
  try {
    return await loadOn(settings.device)
  } catch (error) {
    if (settings.device === 'cpu') throw error
    process.emitWarning(`ENGINE_DEVICE=${settings.device} cannot be used; falling back to the CPU. ${(error as Error).message}`)
    return loadOn('cpu')
  }
}

async function loadOn(device: Device): Promise<Tools> {
  const { modelsFolder } = settings
  const precision = device === 'cpu' ? settings.precision : 'float'
  const networks = await loadNetworks(modelsFolder, { ...forSearch, device, precision })
  const segmenter = (await readManifests(modelsFolder)).find(manifest => manifest.task === 'segment')
  const maskNet = segmenter && (await loadMaskNet(segmenter, modelsFolder, { ...settings, device }))
  return { ...settings, device, networks, maskNet }
}

/**
 * Maximum pixels of an image that two threads process: with the networks of both, a larger one
 * would need more than 1 GiB.
 */
const MAX_PIXELS_FOR_TWO = 40e6

let searcher: Searcher | undefined
/**
 * Memory of the second thread is not returned to the system: a large image on top of it would be
 * too much.
 */
let isSpent = false

/**
 * The second thread is kept while images are processed alone; otherwise it would only hold memory.
 */
async function secondThread(isWanted: boolean): Promise<Searcher | undefined> {
  if (isWanted) {
    isSpent = true
    searcher ??= startSearcher({ modelsFolder: settings.modelsFolder, options: forSearch })
  } else {
    await searcher?.close()
    searcher = undefined
  }
  return searcher
}

async function answer({ image, parameters, isOnlyJob }: Request): Promise<Reply> {
  try {
    const header = probe(image, { maximumPixels: settings.maximumPixels, format: parameters.format })
    const isLarge = header.width * header.height > MAX_PIXELS_FOR_TWO
    if (isLarge && isSpent) return 'spent'
    // It starts while this one loads the networks and decodes.
    const searcher = await secondThread(isOnlyJob && !isLarge && settings.threads > 1 && settings.device === 'cpu')
    const loaded = await tools().catch(error => {
      throw new EngineError('INTERNAL_ERROR', causeOf(error), { childEnd: 'unfit' })
    })
    return { output: await anonymizeImage(image, parameters, { ...loaded, searcher }, header) }
  } catch (error) {
    if (!(error instanceof EngineError))
      return { error: { code: 'INTERNAL_ERROR', message: `The image could not be processed: ${causeOf(error)}` } }
    const { code, message, childEnd, limit } = error
    return { error: { code, message, limit, isUnfit: childEnd === 'unfit' } }
  }
}

function causeOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
