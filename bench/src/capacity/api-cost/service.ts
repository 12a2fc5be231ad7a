/**
 * A process of the service with a stand-in for the engine: `serve`, `api` or `worker`, on the
 * backing services that the environment chooses. Tells the parent its address, and its CPU seconds
 * so far whenever it is asked.
 */
import { apiSettings, buildApp } from '@obscura/api'
import { createEngine } from '@obscura/engine'
import { addUser, createLogger, listUsers, openBackingServices, readConfig } from '@obscura/shared'
import { startWorker } from '@obscura/worker'
import { USER } from './task-flow.js'

const [part] = process.argv.slice(2)
const config = readConfig()
const log = createLogger(config.LOG_LEVEL)
let url = ''
const backing = await openBackingServices(config, () => url, log)

if (part !== 'worker') {
  const settings = { ...apiSettings(config, () => url), uploadMaxBytes: 1e9 }
  if ((await listUsers(backing.db)).length === 0) await addUser(backing.db, USER.username, USER.password, 'bench')
  const app = await buildApp({ ...backing, log, settings })
  url = await app.listen({ port: 0, host: '127.0.0.1' })
}
if (part !== 'api') {
  const engine = createEngine({ modelsFolder: '', children: 2, childModule: new URL('echo-child.js', import.meta.url) })
  await startWorker({ ...backing, engine, log }, config)
}

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// The children of the engine are not counted: cpuUsage is that of this process and its threads.
process.on('message', (asked: 'cpu' | 'end') => {
  // An orderly end, at which a CPU profile is written.
  if (asked === 'end') process.exit()
  const { user, system } = process.cpuUsage()
  process.send!((user + system) / 1e6)
})
process.send!(url)
