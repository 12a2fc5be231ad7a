/**
 * `npm run scale -w bench -- [PHOTO...]`: how many photos a second one worker on one core gets done, and two on two: real `obscura worker` processes,
 * each held to its core (taskset), on the PostgreSQL of DATABASE_URL and files in a folder. The two are measured in turns, so that neighbours on the
 * machine disturb both alike. Since neighbours take cores away, photos are also counted by the CPU time that the workers really had: on a quiet
 * machine both ratios are the same.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import {
  addUser,
  type Backing,
  createLogger,
  createTask,
  findUser,
  noticeUpload,
  openBacking,
  originalKey,
  readConfig,
  readCreateTask,
} from '@obscura/shared'

const { values, positionals: photos } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '30' },
    rounds: { type: 'string', default: '3' },
  },
})
const local = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const BODY = '{"anonymization_method":"blur","face":true,"person":true,"license_plate":true,"vehicle":true}'

/** Tasks that wait at any time: a worker never finds the queue empty. */
const WAITING = 8
/** Each worker has finished so many photos before it counts: networks are loaded, memory is grown. */
const WARM = 3

const folder = await mkdtemp(join(tmpdir(), 'obscura-scale-'))
const settings = { OBSCURA_DATA: folder, ENGINE_CHILDREN: '1', ENGINE_THREADS: '1', LOG_LEVEL: 'warn', RETENTION_DAYS: '0' }
const backing = await openBacking(readConfig({ ...process.env, ...settings, S3_ENDPOINT: '' }), () => '', createLogger('warn'))

function startWorker(core: number): ChildProcess {
  const program = [process.execPath, local('apps/cli/dist/main.js'), 'worker']
  const env = { ...process.env, ...settings, S3_ENDPOINT: '' }
  return spawn('taskset', ['--cpu-list', String(core), ...program], { env, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** Keeps tasks waiting until told to stop. */
function feed({ db, store }: Backing, customerId: string, images: Buffer[]) {
  let fed = 0
  let over = false
  const feeding = (async () => {
    while (!over) {
      const [{ waiting }] = await db.query<{ waiting: number }>(`select count(*) as waiting from tasks where status = 'queued'`)
      for (let n = waiting; n < WAITING; n++) {
        const task = await createTask(db, customerId, readCreateTask(BODY, { plainHttpWebhooks: false }), 3600)
        await store.put(originalKey(task), images[fed++ % images.length], 'image/jpeg')
        await noticeUpload(backing, task)
      }
      await sleep(200)
    }
  })()
  return async () => {
    over = true
    await feeding
  }
}

async function finished(since: Date): Promise<number> {
  const [{ done }] = await backing.db.query<{ done: number }>(
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
    // Of proc(5)'s fields after the name: the parent's pid is the 2nd, user and system time are the 12th and 13th.
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
async function throughput(cores: number[], seconds: number): Promise<Rate> {
  const start = new Date()
  const workers = cores.map(startWorker)
  while ((await finished(start)) < WARM * cores.length) await sleep(100)
  const [from, cpu] = [new Date(), await cpuSeconds(workers)]
  await sleep(seconds * 1000)
  const done = await finished(from)
  const rate = { bySecond: done / ((Date.now() - from.getTime()) / 1000), byCpu: done / ((await cpuSeconds(workers)) - cpu) }
  const ended = workers.map(worker => once(worker, 'exit'))
  for (const worker of workers) worker.kill('SIGTERM')
  await Promise.all(ended)
  return rate
}

const images = await Promise.all(
  (photos.length > 0 ? photos : [local('tests/fixtures/street-taxis.jpg')]).map(file => readFile(file)),
)
const user = (await findUser(backing.db, 'bench')) ?? (await addUser(backing.db, 'bench', 'bench', 'bench'))
const stopFeeding = feed(backing, user.customerId, images)
console.log('| | core 0 alone | core 1 alone | both | two by one | load |\n|---|---|---|---|---|---|')
const ratios: number[] = []
const print = (name: string, one: number, other: number, both: number, ratio: number) =>
  console.log(
    `| ${name} | ${one.toFixed(2)} | ${other.toFixed(2)} | ${both.toFixed(2)} | ${ratio.toFixed(2)} | ${loadavg()[0].toFixed(1)} |`,
  )
for (let round = 0; round < Number(values.rounds); round++) {
  const one = await throughput([0], Number(values.seconds))
  const both = await throughput([0, 1], Number(values.seconds))
  const other = await throughput([1], Number(values.seconds))
  ratios.push((2 * both.bySecond) / (one.bySecond + other.bySecond))
  print('photos a second', one.bySecond, other.bySecond, both.bySecond, ratios[round])
  // Two cores give twice the CPU time of one.
  print('photos a second of CPU', one.byCpu, other.byCpu, both.byCpu, (4 * both.byCpu) / (one.byCpu + other.byCpu))
}
console.log(`\nmedian of the ratios by photos a second: ${ratios.sort((a, b) => a - b)[ratios.length >> 1].toFixed(2)}`)
await stopFeeding()
await backing.close()
await rm(folder, { recursive: true })
