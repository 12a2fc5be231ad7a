/** The program of a detection thread; see searcher-thread.ts. */
import { parentPort, workerData } from 'node:worker_threads'
import { openNetworks } from './networks.js'
import { search } from './search.js'
import type { SearcherData, SearcherReply, SearchRequest } from './searcher-thread.js'

const { modelsFolder, profile, classes, options }: SearcherData = workerData
const cache = openNetworks(modelsFolder, options)
// Reported with the first request.
cache.of(profile, classes).catch(() => {})

parentPort!.on('message', async (request: SearchRequest | 'close') => {
  if (request !== 'close') return parentPort!.postMessage(await replyTo(request))
  await cache.close().catch(() => {})
  parentPort!.close()
})

async function replyTo({ profile, raster, wanted, jobs }: SearchRequest): Promise<SearcherReply> {
  try {
    return { findings: await search(raster, wanted, await cache.of(profile, wanted.classes), jobs) }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}
