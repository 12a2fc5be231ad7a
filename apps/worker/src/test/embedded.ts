/**
 * The embedded service without its HTTP: takes tasks in and works on them until it is killed. Says `created <id>` and `uploaded <id>` when a
 * client would have its answer. With `finish` it takes none in, waits until every task has ended, and prints what became of each.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  addUser,
  createLogger,
  createTask,
  findUser,
  noticeUpload,
  openBacking,
  originalKey,
  readConfig,
  readCreateTask,
  resultKeys,
  type Task,
} from '@obscura/shared'
import { startWorker } from '../worker.js'
import { standIn } from './services.js'

const [folder, mode] = process.argv.slice(2)
const config = { ...readConfig({ OBSCURA_DATA: folder, ENGINE_CHILDREN: '2' }), TASK_MAX_FAILURES: 100 }
const log = createLogger('fatal')
const backing = await openBacking(config, () => 'http://localhost:1', log)
const { db, store } = backing
const user = (await findUser(db, 'tester')) ?? (await addUser(db, 'tester', 'secret', 'Tests'))
const slowly = {
  ...standIn,
  anonymize: async (...work: Parameters<typeof standIn.anonymize>) => sleep(30).then(() => standIn.anonymize(...work)),
}
const worker = await startWorker({ ...backing, engine: slowly, log }, config)
await (mode === 'finish' ? finish() : Promise.all([takeIn(), takeIn()]))

async function takeIn(): Promise<void> {
  for (;;) {
    const parameters = readCreateTask('{"anonymization_method":"blur","face":true}', { plainHttpWebhooks: false })
    const task = await createTask(db, user.customerId, parameters, 3600)
    console.log(`created ${task.id}`)
    await store.put(originalKey(task), Buffer.from(`photo ${task.id}`), 'image/png')
    console.log(`uploaded ${task.id}`)
    await noticeUpload(backing, task)
    await sleep(20)
  }
}

async function finish(): Promise<void> {
  // The sweeper need not wait with its next look at uploads that nobody noticed.
  await db.query(`update tasks set due_time = now() where status = 'new'`)
  const unfinished = `select from tasks where status in ('queued', 'processing') or status = 'new' and due_time <= now()`
  while ((await db.query(unfinished)).length > 0) await sleep(100)
  await worker.stop()
  for (const row of await db.query<Pick<Task, 'id' | 'customerId' | 'attempt' | 'status'>>(
    `select id, customer_id as "customerId", attempt, status from tasks`,
  )) {
    const result = row.status === 'done' ? String(await store.get(resultKeys(row, row.attempt, 'png').anonymized)) : ''
    console.log(`ended ${JSON.stringify({ id: row.id, status: row.status, attempt: row.attempt, result })}`)
  }
  await backing.close()
}
