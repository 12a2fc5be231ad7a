/**
 * Measures the table as a queue on PostgreSQL without Redis: how long tasks wait for an idle worker in another process, and how long the statements of
 * workers and sweepers take with a million queued tasks. Prints a line each.
 * usage: npx tsx apps/worker/src/test/measure-queue.ts
 */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  addUser,
  claimTask,
  countReady,
  createLogger,
  createTask,
  markUploaded,
  openBacking,
  readConfig,
  readCreateTask,
  retryExpired,
  takeDueTasks,
} from '@obscura/shared'
import { startPostgres } from '../../../../tests/servers/postgres.js'
import { makeServerFolder } from '../../../../tests/servers/server-folder.js'
import { startWorker } from '../worker.js'
import { standIn } from './services.js'

const TASKS = 40
const ROWS = 1_000_000
const ROUNDS = 15
const PARAMETERS = readCreateTask('{"anonymization_method": "blur", "face": true}', { plainHttpWebhooks: false })

const [postgres, folder] = [await startPostgres(), await makeServerFolder('measure', 'KILL')]
const config = readConfig({ DATABASE_URL: await postgres.createDatabase(), OBSCURA_DATA: folder.path, ENGINE_CHILDREN: '2' })
const log = createLogger('silent')
const backing = await openBacking(config, () => '', log)
const { db } = backing
const { customerId } = await addUser(db, 'measure', 'secret', 'default')

const worker = await startWorker({ ...backing, engine: standIn, log }, config)
for (let n = 0; n < TASKS; n++) {
  const { id } = await createTask(db, customerId, PARAMETERS, 3600)
  // Without a hint: whoever gave it would be another process.
  await markUploaded(db, id, { size: 1, etag: 'x', contentType: 'image/png', modified: new Date() })
  await sleep(150 + Math.random() * 300)
}
await sleep(2000)
await worker.stop()
const waits = await db.query<{ ms: number }>('select 1000 * extract(epoch from claim_time - ready_time)::float as ms from tasks')
print(
  'wait of a task for an idle worker',
  waits.map(({ ms }) => ms),
)

await db.query('truncate tasks, webhook_deliveries')
await db.query(
  `insert into tasks (id, customer_id, parameters, webhook_status, status, upload_expire_time, ready_time)
   select 1000000000000000 + n, $1, $2::jsonb, 'empty', 'queued', now(), now() - make_interval(secs => ${ROWS} - n)
   from generate_series(1, ${ROWS}) as n`,
  [customerId, JSON.stringify(PARAMETERS)],
)
await db.query('analyze tasks')
await time('look for ready tasks', () => countReady(db, 3))
await time('claim', () => claimTask(db, 'worker', 60))
await time('sweep: due tasks', () => takeDueTasks(db, 200))
await time('sweep: expired leases', () => retryExpired(db, 5, 200))
await backing.close()
await Promise.all([postgres.stop(), folder.remove()])

async function time(name: string, statement: () => Promise<unknown>): Promise<void> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now()
    await statement()
    times.push(performance.now() - started)
  }
  print(`with ${ROWS} queued tasks, ${name}`, times)
}

function print(name: string, times: number[]): void {
  const sorted = times.toSorted((one, other) => one - other)
  const [median, most] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)!]
  console.log(`${name}: ${median.toFixed(1)} ms in the median of ${times.length}, ${most.toFixed(1)} ms at most`)
}
