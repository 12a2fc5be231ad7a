/** The embedded service like `obscura serve`, but with an engine that takes no time. */
import { apiSettings, buildApp } from '@obscura/api'
import { createEngine } from '@obscura/engine'
import { addUser, createLogger, listUsers, openBackingServices, readConfig } from '@obscura/shared'
import { startWorker } from '@obscura/worker'

const config = readConfig()
const log = createLogger(config.LOG_LEVEL)
const url = `http://127.0.0.1:${config.PORT}`
const backing = await openBackingServices(config, () => url, log)
const settings = apiSettings(config, () => url)
if ((await listUsers(backing.db)).length === 0) await addUser(backing.db, 'admin', config.OBSCURA_PASSWORD!, 'default')
const app = await buildApp({ ...backing, log, settings })
const engine = createEngine({
  modelsFolder: '',
  children: config.ENGINE_PROCESSES,
  childModule: new URL('stub-child.mjs', import.meta.url),
})
await app.listen({ port: config.PORT, host: '127.0.0.1' })
const worker = await startWorker({ ...backing, engine, log }, config)

process.once('SIGTERM', async () => {
  await worker.stop()
  await engine.close()
  await app.close()
  await backing.close()
})
