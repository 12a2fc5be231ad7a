/**
 * A worker process like `obscura worker`, but with an engine that takes no time: what is tested is
 * everything around it.
 */
import { createEngine } from '@obscura/engine'
import { createLogger, openBackingServices, readConfig } from '@obscura/shared'
import { startWorker } from '@obscura/worker'

const config = readConfig()
const log = createLogger(config.LOG_LEVEL)
const backing = await openBackingServices(config, () => '', log)
const engine = createEngine({
  modelsFolder: '',
  children: config.ENGINE_PROCESSES,
  childModule: new URL('stub-child.mjs', import.meta.url),
})
await startWorker({ ...backing, engine, log }, config)
