/**
 * The tasks table as a queue on PostgreSQL, without Redis: how long tasks wait for an idle worker
 * in another process, and how long the statements of workers and sweepers take with a million
 * queued tasks. In a database of its own on the server of DATABASE_URL, dropped at the end.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createEngine } from '@obscura/engine'
import {
  addUser,
  type BackingServices,
  claimTask,
  countReady,
  createLogger,
  createTask,
  markUploaded,
  openBackingServices,
  openDatabase,
  readConfig,
  readCreateTask,
  retryExpired,
  takeDueTasks,
} from '@obscura/shared'
import { startWorker } from '@obscura/worker'
import type { Command } from 'commander'
import { positive } from '../options.js'
import { median } from '../report/statistics.js'
import type { Table } from '../report/table.js'

interface Options {
  tasks: number
  queued: number
  rounds: number
}

const PARAMETERS = readCreateTask('{"anonymization_method": "blur", "face": true}', { plainHttpWebhooks: false })
const STAND_IN = new URL('api-cost/echo-child.js', import.meta.url)

export function command(command: Command): Command {
  return command
    .option('--tasks <number>', 'tasks that an idle worker waits for', positive, 40)
    .option('--queued <number>', 'number of queued tasks', positive, 1_000_000)
    .option('--rounds <number>', 'runs of each statement', positive, 15)
}

export async function run(options: Options): Promise<Table[]> {
  if (!process.env.DATABASE_URL)
    throw new Error('DATABASE_URL is missing: set it to a PostgreSQL server on which databases can be created.')
  const server = await openDatabase(readConfig())
  const name = `bench_${randomUUID().replaceAll('-', '')}`
  const folder = await mkdtemp(join(tmpdir(), 'obscura-queue-'))
  await server.query(`create database ${name}`)
  const url = new URL(process.env.DATABASE_URL)
  url.pathname = name
  try {
    return await measure({ DATABASE_URL: url.href, OBSCURA_DATA: folder, ENGINE_PROCESSES: '2' }, options)
  } finally {
    await server.query(`drop database ${name} with (force)`)
    await server.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(env: Record<string, string>, { tasks, queued, rounds }: Options): Promise<Table[]> {
  const config = readConfig(env)
  const backing = await openBackingServices(config, () => '', createLogger('silent'))
  const { db } = backing
  const { customerId } = await addUser(db, 'measure', 'bench-of-queues', 'default')
  const rows = [row('wait of a task for an idle worker', await waits(backing, config, customerId, tasks))]
  await fillQueue(backing, customerId, queued)
  const statements: [name: string, run: () => Promise<unknown>][] = [
    ['look for ready tasks', () => countReady(db, 3)],
    ['claim', () => claimTask(db, 'worker', 60)],
    ['sweep: due tasks', () => takeDueTasks(db, 200)],
    ['sweep: expired leases', () => retryExpired(db, 5, 200)],
  ]
  for (const [name, run] of statements) rows.push(row(`${name}, ${queued} queued`, await times(rounds, run)))
  await backing.close()
  return [{ head: ['', 'times', 'median (ms)', 'largest (ms)'], rows }]
}

/** Milliseconds from ready to claimed, of tasks that come one after the other. */
async function waits(backing: BackingServices, config: ReturnType<typeof readConfig>, customerId: string, tasks: number) {
  const { db } = backing
  const engine = createEngine({ modelsFolder: '', children: 2, childModule: STAND_IN })
  const worker = await startWorker({ ...backing, engine, log: createLogger('silent') }, config)
  for (let n = 0; n < tasks; n++) {
    const { id } = await createTask(db, customerId, PARAMETERS, 3600)
    // Without a hint, which would come from another process.
    await markUploaded(db, id, { size: 1, etag: 'x', contentType: 'image/png', modified: new Date() })
    await sleep(150 + Math.random() * 300)
  }
  await sleep(2000)
  await worker.stop()
  await engine.close()
  const claimed = await db.query<{ ms: number }>(
    'select 1000 * extract(epoch from claim_time - ready_time)::float as ms from tasks where claim_time is not null',
  )
  return claimed.map(({ ms }) => ms)
}

async function fillQueue({ db }: BackingServices, customerId: string, queued: number): Promise<void> {
  await db.query('truncate tasks, webhook_deliveries cascade')
  await db.query(
    `insert into tasks (id, customer_id, parameters, webhook_status, status, upload_expire_time, ready_time)
     select 1000000000000000 + n, $1, $2::jsonb, 'empty', 'queued', now(), now() - make_interval(secs => ${queued} - n)
     from generate_series(1, ${queued}) as n`,
    [customerId, JSON.stringify(PARAMETERS)],
  )
  await db.query('analyze tasks')
}

async function times(rounds: number, statement: () => Promise<unknown>): Promise<number[]> {
  const milliseconds: number[] = []
  for (let round = 0; round < rounds; round++) {
    const started = performance.now()
    await statement()
    milliseconds.push(performance.now() - started)
  }
  return milliseconds
}

function row(name: string, milliseconds: readonly number[]): (string | number)[] {
  return [name, milliseconds.length, median(milliseconds).toFixed(1), Math.max(...milliseconds).toFixed(1)]
}
