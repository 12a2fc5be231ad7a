/**
 * `npm run api-cost -w bench`: what one task costs beside the engine, from its creation to the download of its result: CPU of our processes, statements,
 * commands and requests. The engine is a stand-in that answers at once, in processes that are not counted. Embedded by default; DATABASE_URL,
 * REDIS_URL and S3_ENDPOINT (with its key) choose production: `obscura api` and `obscura worker` as two processes.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openDatabase, readConfig, s3Options } from '@obscura/shared'
import { prepareBucket } from '@obscura/shared/s3'
import { type Counts, countPostgres, countRedis, countS3, perTask } from './api-cost/counts.js'
import { type Client, live, signIn } from './api-cost/life.js'

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '300' },
    /** How many clients are at work at once. */
    clients: { type: 'string', default: '8' },
    kilobytes: { type: 'string', default: '3000' },
    /** Where the figures go, in JSON. */
    out: { type: 'string' },
    /** A folder for CPU profiles of the processes. */
    profile: { type: 'string' },
  },
})
const tasks = Number(values.tasks)
const { DATABASE_URL, REDIS_URL, S3_ENDPOINT } = process.env

/** Tasks before the measured ones: until then V8 still compiles what runs often. */
const WARM_UP = 200
/** Figures of idle processes come from so long. */
const IDLE_SECONDS = 10

const PARTS = DATABASE_URL ? ['api', 'worker'] : ['serve']

async function start(part: string, env: Record<string, string>): Promise<{ child: ChildProcess; url: string }> {
  const execArgv = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${values.profile}`] : []
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

async function liveAll(client: Client, count: number, photo: Buffer): Promise<number> {
  let left = count
  let polls = 0
  const next = async () => {
    while (left-- > 0) {
      const asked = await live(client, photo)
      polls += asked
    }
  }
  await Promise.all(Array.from({ length: Number(values.clients) }, next))
  return polls
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'obscura-api-cost-'))
  const proxy = S3_ENDPOINT ? await countS3(S3_ENDPOINT) : undefined
  const env = { OBSCURA_DATA: folder, LOG_LEVEL: 'warn', RETENTION_DAYS: '0', ...(proxy && { S3_ENDPOINT: proxy.url }) }
  const config = readConfig({ ...process.env, ...env })
  const s3 = s3Options(config)
  if (s3) await prepareBucket(s3, { expireDays: 0 })
  const db = DATABASE_URL ? await openDatabase(config) : undefined
  const services = []
  for (const part of PARTS) services.push(await start(part, env))
  const children = services.map(({ child }) => child)
  const client = await signIn(services[0].url)
  const photo = Buffer.alloc(Number(values.kilobytes) * 1000, Buffer.from('\xff\xd8\xff\xe0photo', 'latin1'))
  const read = async (): Promise<Record<string, Counts>> => ({
    ...(db && { PostgreSQL: await countPostgres(db) }),
    ...(REDIS_URL && { Redis: await countRedis(REDIS_URL) }),
    ...(proxy && { S3: { ...proxy.counts } }),
  })
  await liveAll(client, WARM_UP, photo)
  await sleep(2000)
  const idleBefore = await cpu(children)
  const countsIdle = await read()
  await sleep(IDLE_SECONDS * 1000)
  const [before, counts] = [await cpu(children), await read()]
  const started = performance.now()
  const polls = await liveAll(client, tasks, photo)
  const seconds = (performance.now() - started) / 1000
  const after = await cpu(children)
  await sleep(2000)
  const countsAfter = await read()
  const figures = {
    mode: DATABASE_URL ? 'production' : 'embedded',
    tasks,
    kilobytes: Number(values.kilobytes),
    'tasks a second': tasks / seconds,
    'status requests a task': polls / tasks,
    'CPU ms a task': Object.fromEntries(PARTS.map((part, i) => [part, ((after[i] - before[i]) / tasks) * 1000])),
    'idle: CPU ms a second': Object.fromEntries(
      PARTS.map((part, i) => [part, ((before[i] - idleBefore[i]) / IDLE_SECONDS) * 1000]),
    ),
    'a task': Object.fromEntries(Object.entries(countsAfter).map(([name, now]) => [name, perTask(counts[name], now, tasks)])),
    'idle: a second': Object.fromEntries(
      Object.entries(counts).map(([name, now]) => [name, perTask(countsIdle[name], now, IDLE_SECONDS)]),
    ),
  }
  console.log(JSON.stringify(figures, undefined, 2))
  if (values.out) await writeFile(values.out, `${JSON.stringify(figures, undefined, 2)}\n`)
  for (const child of children) {
    child.send('end')
    await once(child, 'exit')
  }
  proxy?.stop()
  await db?.close()
  await rm(folder, { recursive: true, force: true })
  process.exit()
}

await main()
