/**
 * Throughput of one worker on one core, and of two on two cores: real `obscura worker` processes,
 * each held to its core (taskset), on the PostgreSQL of DATABASE_URL and files in a folder. The two
 * are measured in turns, so that neighbours on the machine disturb both alike. Since neighbours
 * take cores away, photos are also counted by the CPU time that the workers really had: on a quiet
 * machine both ratios are the same.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  addUser,
  type BackingServices,
  createLogger,
  createTask,
  detectUpload,
  findUser,
  openBackingServices,
  readConfig,
  readCreateTask,
  uploadKey,
} from '@obscura/shared'
import type { Command } from 'commander'
import { positive } from '../options.js'
import { median } from '../report/statistics.js'
import type { Table } from '../report/table.js'
import { repositoryPath } from '../repository.js'

interface Options {
  seconds: number
  rounds: number
}

const BODY = '{"anonymization_method":"blur","face":true,"person":true,"license_plate":true,"vehicle":true}'

/** Tasks that wait at any time: a worker never finds the queue empty. */
const WAITING = 8
/**
 * Photos that each worker finishes before it is measured: networks are loaded, memory has grown.
 */
const WARM = 3

export function command(command: Command): Command {
  return command
    .argument('[photos...]', 'photos; default: a street photo from the tests')
    .option('--seconds <number>', 'of each measurement', positive, 30)
    .option('--rounds <number>', 'rounds of three measurements', positive, 3)
}

export async function run({ seconds, rounds }: Options, photos: string[]): Promise<Table[]> {
  if (!process.env.DATABASE_URL) throw new Error('DATABASE_URL is missing: set it to a PostgreSQL server that the workers share.')
  const folder = await mkdtemp(join(tmpdir(), 'obscura-workers-'))
  const env = { ...process.env, ...SETTINGS, OBSCURA_DATA: folder, S3_ENDPOINT: '' }
  const backing = await openBackingServices(readConfig(env), () => '', createLogger('warn'))
  const files = photos.length > 0 ? photos : [repositoryPath('tests/fixtures/street-taxis.jpg')]
  const images = await Promise.all(files.map(file => readFile(file)))
  const user = (await findUser(backing.db, USER)) ?? (await addUser(backing.db, USER, PASSWORD, USER))
  const stopFeeding = feed(backing, user.customerId, images)
  const rows: Table['rows'] = []
  const ratios: number[] = []
  const add = (name: string, ...values: number[]) =>
    rows.push([name, ...values.map(value => value.toFixed(2)), loadavg()[0].toFixed(1)])
  for (let round = 0; round < rounds; round++) {
    const one = await throughput(backing, env, [0], seconds)
    const both = await throughput(backing, env, [0, 1], seconds)
    const other = await throughput(backing, env, [1], seconds)
    ratios.push((2 * both.bySecond) / (one.bySecond + other.bySecond))
    add('photos a second', one.bySecond, other.bySecond, both.bySecond, ratios[round])
    // Two cores give twice the CPU time of one.
    add('photos a second of CPU', one.byCpu, other.byCpu, both.byCpu, (4 * both.byCpu) / (one.byCpu + other.byCpu))
  }
  await stopFeeding()
  await backing.close()
  await rm(folder, { recursive: true })
  const note = `Median of the ratios by photos a second: ${median(ratios).toFixed(2)}.`
  return [{ head: ['', 'core 0 alone', 'core 1 alone', 'both', 'two / one', 'load'], rows, note }]
}

const SETTINGS = { ENGINE_PROCESSES: '1', ENGINE_THREADS: '1', LOG_LEVEL: 'warn', RETENTION_DAYS: '0' }
const USER = 'bench'
const PASSWORD = 'bench-of-workers'

function startWorker(env: NodeJS.ProcessEnv, core: number): ChildProcess {
  const program = [process.execPath, repositoryPath('apps/cli/dist/main.js'), 'worker']
  return spawn('taskset', ['--cpu-list', String(core), ...program], { env, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** Keeps tasks waiting until told to stop. */
function feed(backing: BackingServices, customerId: string, images: Buffer[]) {
  const { db, store } = backing
  let fed = 0
  let over = false
  const feeding = (async () => {
    while (!over) {
      const [{ waiting }] = await db.query<{ waiting: number }>(`select count(*) as waiting from tasks where status = 'queued'`)
      for (let n = waiting; n < WAITING; n++) {
        const task = await createTask(db, customerId, readCreateTask(BODY, { plainHttpWebhooks: false }), 3600)
        await store.put(uploadKey(task), images[fed++ % images.length], 'image/jpeg')
        await detectUpload(backing, task)
      }
      await sleep(200)
    }
  })()
  return async () => {
    over = true
    await feeding
  }
}

async function finished({ db }: BackingServices, since: Date): Promise<number> {
  const [{ done }] = await db.query<{ done: number }>(
    `select count(*) as done from tasks where status = 'done' and finish_time > $1`,
    [since],
  )
  return done
}

/** CPU seconds of workers and of the engine's processes under them, so far. */
async function cpuSeconds(workers: ChildProcess[]): Promise<number> {
  const pids = new Set(workers.map(({ pid }) => pid))
  let ticks = 0
  for (const entry of (await readdir('/proc')).filter(name => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '')
    // Of proc(5)'s fields after the name: the parent's pid is the 2nd, user and system time are the
    // 12th and 13th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (pids.has(Number(entry)) || pids.has(Number(fields[1]))) ticks += Number(fields[11]) + Number(fields[12])
  }
  return ticks / 100
}

interface Rate {
  /** Photos a second. */
  bySecond: number
  /** Photos a second of CPU time. */
  byCpu: number
}

/** What workers on these cores get done together, once they are warm. */
async function throughput(backing: BackingServices, env: NodeJS.ProcessEnv, cores: number[], seconds: number): Promise<Rate> {
  const start = new Date()
  const workers = cores.map(core => startWorker(env, core))
  while ((await finished(backing, start)) < WARM * cores.length) await sleep(100)
  const [from, cpu] = [new Date(), await cpuSeconds(workers)]
  await sleep(seconds * 1000)
  const done = await finished(backing, from)
  const rate = { bySecond: done / ((Date.now() - from.getTime()) / 1000), byCpu: done / ((await cpuSeconds(workers)) - cpu) }
  const ended = workers.map(worker => once(worker, 'exit'))
  for (const worker of workers) worker.kill('SIGTERM')
  await Promise.all(ended)
  return rate
}
