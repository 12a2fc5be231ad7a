/** The program of an engine process, which anonymizes one image after the other. */

import sharp from 'sharp'
import { anonymizeImage, type Loaded, type Needs, needsOf } from './anonymize.js'
import { serveParent } from './channel.js'
import { readInstalled, select } from './detect/installed.js'
import { type NetworkCache, openNetworks } from './detect/networks.js'
import { type Searcher, startSearcher } from './detect/searcher-thread.js'
import type { Device } from './detect/session.js'
import { EngineError } from './errors.js'
import { probe } from './probe/probe.js'
import type { ChildSettings, Reply, Request } from './protocol.js'
import { rerenderImage } from './rerender.js'
import { loadMaskNet, type MaskNet } from './segment/masknet.js'

const settings: ChildSettings = JSON.parse(process.argv[2])

// A cache of libvips operations would only hold memory: images do not repeat.
sharp.cache(false)
sharp.concurrency(settings.threads)

// The parent handles interrupts; the terminal sends them to the whole process group.
process.on('SIGINT', () => {})
serveParent<Request, Reply>(async (request, send) => {
  send(await replyTo(request))
  // Decoded images are large and V8 sees only small handles of them: without this the next one
  // would be allocated on top of the last.
  globalThis.gc?.()
})

/** What is loaded for all images. */
interface Models {
  device: Device
  cache: NetworkCache
  maskNet?: Promise<MaskNet | undefined>
}
let loading: Promise<Models> | undefined

/**
 * Loads the models that an image needs and that are not loaded yet; what fails is tried again with
 * the next image.
 */
async function load(profile: string, { classes, outlines }: Needs): Promise<Loaded> {
  loading ??= open(profile).catch(error => {
    loading = undefined
    throw error
  })
  const models = await loading
  const networks = await models.cache.of(profile, classes)
  if (outlines) {
    models.maskNet ??= loadOutliner(profile, models.device).catch(error => {
      models.maskNet = undefined
      throw error
    })
  }
  return { networks, device: models.device, maskNet: await models.maskNet }
}

/** Two searchers share the threads. */
const forSearch = { ...settings, threads: Math.max(1, settings.threads >> 1) }

/**
 * Falls back to the CPU when the GPU cannot be used: slow results are better than none.
 * @throws when the networks cannot be loaded on the CPU either, so that the GPU is tried again
 */
async function open(profile: string): Promise<Models> {
  const { device } = settings
  if (device === 'cpu') return openOn(device)
  try {
    return await openAll(profile, device)
  } catch (error) {
    const models = await openAll(profile, 'cpu')
    process.emitWarning(`ENGINE_DEVICE=${device} cannot be used; falling back to the CPU. ${(error as Error).message}`)
    return models
  }
}

/** Whether a device can be used is known once it has loaded all networks. */
async function openAll(profile: string, device: Device): Promise<Models> {
  const models = openOn(device)
  try {
    await models.cache.of(profile)
    const maskNet = await loadOutliner(profile, device)
    return { ...models, maskNet: Promise.resolve(maskNet) }
  } catch (error) {
    await models.cache.close().catch(() => {})
    throw error
  }
}

function openOn(device: Device): Models {
  const { modelsFolder, ownModels } = settings
  const precision = device === 'cpu' ? settings.precision : 'float'
  return { device, cache: openNetworks(modelsFolder, { ...forSearch, ownModels, device, precision }) }
}

async function loadOutliner(profile: string, device: Device): Promise<MaskNet | undefined> {
  const { segmenter } = select(await readInstalled(settings), profile)
  return segmenter && loadMaskNet(segmenter.manifest, segmenter.folder, { ...settings, device })
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
async function secondThread(isWanted: boolean, profile: string, { classes }: Needs): Promise<Searcher | undefined> {
  if (isWanted) {
    isSpent = true
    searcher ??= startSearcher({ modelsFolder: settings.modelsFolder, profile, classes, options: forSearch })
  } else {
    await searcher?.close()
    searcher = undefined
  }
  return searcher
}

/** Images are not decoded in vain while models are missing or damaged. */
let isUnfit = false

async function replyTo({ image, parameters, known, logo, isOnlyJob }: Request): Promise<Reply> {
  try {
    const header = probe(image, { maximumPixels: settings.maximumPixels, format: parameters.format })
    if (known) return { output: await rerenderImage(image, known, parameters, settings, header, logo) }
    const profile = parameters.profile ?? settings.profile
    const isLarge = header.width * header.height > MAX_PIXELS_FOR_TWO
    if (isLarge && isSpent) return 'spent'
    const needs = needsOf(parameters, settings.heads)
    // It starts while this one loads the networks and decodes.
    const isAlone = isOnlyJob && !isLarge && settings.threads > 1 && settings.device === 'cpu'
    const searcher = await secondThread(isAlone, profile, needs)
    const loaded = load(profile, needs).catch(error => {
      isUnfit = true
      throw new EngineError('INTERNAL_ERROR', causeOf(error), { childEnd: 'unfit' })
    })
    // Reported once the image is decoded; one that is defective fails without them.
    loaded.catch(() => {})
    if (isUnfit) {
      await loaded
      isUnfit = false
    }
    return { output: await anonymizeImage(image, parameters, { ...settings, loaded, searcher, logo }, header) }
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
