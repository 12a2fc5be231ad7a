/** The other end of the pool: a process of its own that anonymizes one image after the other. */

import sharp from 'sharp'
import { anonymizeImage } from './anonymize.js'
import { loadNets, type Nets } from './detect/detect.js'
import type { Output } from './engine.js'
import { EngineError } from './errors.js'
import type { ChildSettings, Reply, Request } from './protocol.js'

const settings: ChildSettings = JSON.parse(process.argv[2] ?? '{}')

// One operation at a time on large images: a cache of operations would only hold on to memory.
sharp.cache(false)
sharp.concurrency(settings.threads)

// The parent decides what an interrupt means; the terminal sends it to the whole group.
process.on('SIGINT', () => {})
// The parent is gone, however it went. Not exit(): native threads may be at work, and their clean-up could hang.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.on('message', async (request: Request) => {
  process.send?.(await answer(request))
})

let loading: Promise<Nets> | undefined

/** The networks: loaded with the first image, tried again with the next one when that failed. */
function nets(): Promise<Nets> {
  loading ??= loadNets(settings.modelsFolder, settings).catch(error => {
    loading = undefined
    throw error
  })
  return loading
}

async function answer({ image, parameters }: Request): Promise<Reply> {
  try {
    const output: Output = await anonymizeImage(image, parameters, { nets, maximumPixels: settings.maximumPixels })
    return { output }
  } catch (error) {
    if (error instanceof EngineError) return { error: { code: error.code, message: error.message } }
    const cause = error instanceof Error ? error.message : String(error)
    return { error: { code: 'INTERNAL_ERROR', message: `The image could not be processed: ${cause}` } }
  }
}
