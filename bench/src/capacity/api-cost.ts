/**
 * The cost of one task outside the engine, from its creation to the download of its result: CPU of
 * our processes, statements, commands and requests. The engine is a stand-in that answers at once,
 * in processes that are not counted. Embedded by default; DATABASE_URL, REDIS_URL and S3_ENDPOINT
 * (with its key) choose production: `obscura api` and `obscura worker` as two processes.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase, readConfig, s3Options } from '@obscura/shared'
import { prepareBucket } from '@obscura/shared/s3'
import type { Command } from 'commander'
import { positive } from '../options.js'
import type { Table } from '../report/table.js'
import { type Counts, countPostgres, countRedis, countS3, perTask } from './api-cost/counts.js'
import { type Client, runTask, signIn } from './api-cost/task-flow.js'

interface Options {
  tasks: number
  clients: number
  kilobytes: number
  profile?: string
}

export function command(command: Command): Command {
  return command
    .option('--tasks <number>', 'number of tasks to measure', positive, 300)
    .option('--clients <number>', 'concurrent clients', positive, 8)
    .option('--kilobytes <number>', 'size of the photo', positive, 3000)
    .option('--profile <folder>', 'write CPU profiles of the processes')
}

/** Tasks before the measured ones: until then V8 still compiles what runs often. */
const WARM_UP = 200
/** Duration of the measurement of idle processes. */
const IDLE_SECONDS = 10

const PARTS = process.env.DATABASE_URL ? ['api', 'worker'] : ['serve']

export async function run(options: Options): Promise<Table[]> {
  const folder = await mkdtemp(join(tmpdir(), 'obscura-api-cost-'))
  const { DATABASE_URL, S3_ENDPOINT } = process.env
  const proxy = S3_ENDPOINT ? await countS3(S3_ENDPOINT) : undefined
  const env = { OBSCURA_DATA: folder, LOG_LEVEL: 'warn', RETENTION_DAYS: '0', ...(proxy && { S3_ENDPOINT: proxy.url }) }
  const config = readConfig({ ...process.env, ...env })
  const s3 = s3Options(config)
  if (s3) await prepareBucket(s3, { expireDays: 0 })
  const db = DATABASE_URL ? await openDatabase(config) : undefined
  const services: Service[] = []
  for (const part of PARTS) services.push(await start(part, env, options.profile))
  const read = async (): Promise<Readings> => ({
    cpu: await cpu(services.map(({ child }) => child)),
    counts: {
      ...(db && { PostgreSQL: await countPostgres(db) }),
      ...(process.env.REDIS_URL && { Redis: await countRedis(process.env.REDIS_URL) }),
      ...(proxy && { S3: { ...proxy.counts } }),
    },
  })
  const tables = await measure(options, await signIn(services[0].url), read)
  for (const { child } of services) {
    child.send('end')
    await once(child, 'exit')
  }
  proxy?.stop()
  await db?.close()
  await rm(folder, { recursive: true, force: true })
  return tables
}

/** CPU seconds of each process so far, and the counters of each server. */
interface Readings {
  cpu: number[]
  counts: Record<string, Counts>
}

async function measure({ tasks, clients, kilobytes }: Options, client: Client, read: () => Promise<Readings>): Promise<Table[]> {
  const photo = Buffer.alloc(kilobytes * 1000, Buffer.from('\xff\xd8\xff\xe0photo', 'latin1'))
  await runTasks(client, WARM_UP, clients, photo)
  await sleep(2000)
  const idle = await read()
  await sleep(IDLE_SECONDS * 1000)
  const before = await read()
  const started = performance.now()
  const polls = await runTasks(client, tasks, clients, photo)
  const seconds = (performance.now() - started) / 1000
  const { cpu: after } = await read()
  // PostgreSQL publishes its counters up to a second late.
  await sleep(2000)
  const { counts } = await read()
  const costs = PARTS.map((part, i) => [
    part,
    (((after[i] - before.cpu[i]) / tasks) * 1000).toFixed(1),
    (((before.cpu[i] - idle.cpu[i]) / IDLE_SECONDS) * 1000).toFixed(1),
  ])
  const requests = Object.entries(counts).flatMap(([server, now]) => {
    const perIdleSecond = perTask(idle.counts[server], before.counts[server], IDLE_SECONDS)
    return Object.entries(perTask(before.counts[server], now, tasks)).map(([name, value]) => [
      server,
      name,
      value.toFixed(1),
      (perIdleSecond[name] ?? 0).toFixed(1),
    ])
  })
  const note = `${tasks} tasks of ${kilobytes} kB: ${(tasks / seconds).toFixed(1)} a second, ${(polls / tasks).toFixed(1)} status requests each.`
  return [
    { head: ['process', 'CPU ms a task', 'idle: CPU ms a second'], rows: costs, note },
    ...(requests.length > 0 ? [{ head: ['server', 'of', 'a task', 'idle: a second'], rows: requests }] : []),
  ]
}

interface Service {
  child: ChildProcess
  url: string
}

async function start(part: string, env: Record<string, string>, profile?: string): Promise<Service> {
  const execArgv = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []
  const child = fork(new URL('api-cost/service.js', import.meta.url), [part], { env: { ...process.env, ...env }, execArgv })
  const [url] = (await once(child, 'message')) as [string]
  return { child, url }
}

async function cpu(children: ChildProcess[]): Promise<number[]> {
  return Promise.all(
    children.map(async child => {
      child.send('cpu')
      return (await once(child, 'message'))[0] as number
    }),
  )
}

/** @returns how often a status was asked for */
async function runTasks(client: Client, count: number, clients: number, photo: Buffer): Promise<number> {
  let left = count
  let polls = 0
  const next = async () => {
    while (left-- > 0) {
      const asked = await runTask(client, photo)
      polls += asked
    }
  }
  await Promise.all(Array.from({ length: clients }, next))
  return polls
}
