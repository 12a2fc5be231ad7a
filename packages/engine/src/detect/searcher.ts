/** The program of a detection thread; see searcher-thread.ts. */
import { parentPort, workerData } from 'node:worker_threads'
import { loadNetworks } from './networks.js'
import { search } from './search.js'
import type { SearcherData, SearcherReply, SearchRequest } from './searcher-thread.js'

const { modelsFolder, options }: SearcherData = workerData
const loading = loadNetworks(modelsFolder, options)
// Reported with the first request.
loading.catch(() => {})

parentPort!.on('message', async (request: SearchRequest | 'close') => {
  if (request !== 'close') return parentPort!.postMessage(await answer(request))
  await loading.then(
    networks => networks.close(),
    () => {},
  )
  parentPort!.close()
})

async function answer({ raster, wanted, jobs }: SearchRequest): Promise<SearcherReply> {
  try {
    return { findings: await search(raster, wanted, await loading, jobs) }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}
