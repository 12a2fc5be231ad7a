/**
 * The API process: as `obscura serve`, without a worker. It finishes queued tasks when told to,
 * since only it may open the database.
 */
import { apiSettings, buildApp } from '@obscura/api'
import { addUser, claimTask, completeTask, createLogger, openBackingServices, readConfig } from '@obscura/shared'
import { USER } from './user.js'

const [folder] = process.argv.slice(2)
let url = ''
const log = createLogger('error')
const config = readConfig({ OBSCURA_DATA: folder })
const backing = await openBackingServices(config, () => url, log)
const settings = apiSettings(config, () => url)
const app = await buildApp({ ...backing, log, settings })
await addUser(backing.db, USER.username, USER.password, 'bench')
url = await app.listen({ port: 0 })
process.on('message', async (count: number) => {
  for (let i = 0; i < count; i++) {
    const task = await claimTask(backing.db, 'bench', 600)
    const result = { outputFormat: 'jpeg', outputWidth: 1, outputHeight: 1, detections: [], timings: {} } as const
    if (task) await completeTask(backing.db, { taskId: task.id, owner: 'bench', attempt: task.attempt }, result)
  }
  process.send!('completed')
})
process.on('disconnect', async () => {
  await app.close()
  await backing.close()
})
process.on('SIGUSR2', () => process.send!(process.cpuUsage()))
process.send!(url)
