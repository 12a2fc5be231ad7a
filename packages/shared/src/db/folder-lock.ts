/** Keeps a second process out of a folder that only one may use. */
import { readFileSync } from 'node:fs'
import { open, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

export interface FolderLock {
  release(): Promise<void>
}

/** Another process uses the folder; the message names it. */
export class FolderLockedError extends Error {
  override readonly name = 'FolderLockedError'
}

interface Holder {
  pid: number
  /** When the process started, in the kernel's ticks since boot: tells it from a later process with the same pid. Empty where unknown. */
  started: string
  host: string
}

// The holder touches its lock this often. Whether a process of another machine or container lives cannot be asked, so there the lock
// counts as left behind when nobody has touched it for the second time.
const TOUCH_MS = 5_000
const FORSAKEN_MS = 30_000

/**
 * Takes the lock file `<folder>.lock`. One that a dead process left behind is taken over.
 * @throws FolderLockedError when a living process holds it
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const file = `${folder}.lock`
  await oneAtATime(`${file}.guard`, async () => {
    const other = await readHolder(file)
    if (other && (await lives(other, file))) throw new FolderLockedError(refusal(folder, other))
    const holder: Holder = { pid: process.pid, started: startOf(process.pid), host: hostname() }
    await writeFile(file, JSON.stringify(holder), { mode: 0o600 })
  })
  const touching = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => undefined), TOUCH_MS)
  touching.unref()
  return {
    async release() {
      clearInterval(touching)
      await rm(file, { force: true })
    },
  }
}

function refusal(folder: string, { pid, host }: Holder): string {
  const advice = host === hostname() ? '.' : `; if it is gone already, try again in ${FORSAKEN_MS / 1000} seconds.`
  return `${folder} is in use by process ${pid} on ${host}, and only one process may use it. Stop that process first${advice}`
}

// Of those that find a dead lock at the same time only one may take it: looking and writing happen under a guard, held for a moment.
async function oneAtATime(guard: string, work: () => Promise<void>): Promise<void> {
  while (!(await create(guard))) {
    if ((await age(guard)) > FORSAKEN_MS) await rm(guard, { force: true })
    await sleep(20)
  }
  await work().finally(() => rm(guard, { force: true }))
}

async function create(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600)
    await handle.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    // There is none, or its writer died before it had written it.
    return undefined
  }
}

async function lives(holder: Holder, file: string): Promise<boolean> {
  if (holder.host !== hostname()) return (await age(file)) < FORSAKEN_MS
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    // EPERM: it lives, under another user.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return startOf(holder.pid) === holder.started
}

async function age(file: string): Promise<number> {
  const info = await stat(file).catch(() => undefined)
  return info ? Date.now() - info.mtimeMs : Number.POSITIVE_INFINITY
}

function startOf(pid: number): string {
  try {
    // The 22nd field of proc(5)'s stat; the 2nd, the program's name in parentheses, may hold spaces.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return ''
  }
}
