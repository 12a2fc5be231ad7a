/**
 * Locks a folder for one process, wherever processes run: on the same machine, in containers, or on
 * different machines.
 */
import { mkdir, readdir, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { addEntry, type Entry, type Holder, holderOf, lives } from './lock-entry.js'

/** A folder that this process alone uses. */
export interface FolderLock {
  release(): Promise<void>
}

/** Another process is using the folder; the message names it. */
export class FolderLockedError extends Error {
  override readonly name = 'FolderLockedError'
}

/** How long an abandoned lock is waited for. */
export interface LockOptions {
  /** Called once, with a sentence, when the start has to wait. */
  onWait?: (sentence: string) => void
  /** Silence after which an entry counts as abandoned if its process cannot be contacted. */
  staleMs?: number
}

/** Interval at which the holder touches its entry, for processes that cannot contact it. */
const TOUCH_INTERVAL_MS = 5_000
const STALE_MS = 30_000
/**
 * An entry that exists for longer belongs to the holder; processes that only try remove theirs
 * earlier.
 */
const RETRY_INTERVAL_MS = 1_000

/**
 * Takes the folder through an entry in `<folder>.holders`. Each process first adds its own entry
 * and then looks for others, so that of two simultaneous ones the later sees the earlier; a process
 * that sees another removes its entry, waits for a random time, and tries again. Entries of dead
 * processes are removed: immediately if they ran on this kernel, otherwise after half a minute of
 * silence.
 * @throws FolderLockedError when a living process holds it
 */
export async function lockFolder(folder: string, options: LockOptions = {}): Promise<FolderLock> {
  const entries = `${folder}.holders`
  const watch = createWatch(entries, options.staleMs ?? STALE_MS)
  let waiting = false
  for (;;) {
    const own = await enter(entries)
    const rivals = await watch.rivals(own)
    if (rivals.length === 0) return hold(entries, own)
    await leave(entries, own)
    const holder = rivals.find(({ certain }) => certain)
    if (holder) throw new FolderLockedError(refusal(folder, holder))
    const silent = rivals.find(({ asked }) => asked === undefined)
    if (silent && !waiting) {
      waiting = true
      options.onWait?.(waitSentence(folder, silent, options.staleMs ?? STALE_MS))
    }
    await sleep(20 + 80 * Math.random())
  }
}

async function enter(entries: string): Promise<Entry> {
  for (;;) {
    await mkdir(entries, { recursive: true, mode: 0o700 })
    try {
      return await addEntry(entries)
    } catch (error) {
      // Another process has just removed the empty folder.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}

async function leave(entries: string, own: Entry): Promise<void> {
  await own.remove()
  await rmdir(entries).catch(() => undefined)
}

function hold(entries: string, own: Entry): FolderLock {
  const touching = setInterval(() => void own.touch().catch(() => undefined), TOUCH_INTERVAL_MS)
  touching.unref()
  return {
    async release() {
      clearInterval(touching)
      await leave(entries, own)
    },
  }
}

interface Rival extends Holder {
  /** Whether its socket accepts connections; undefined when that cannot be tested. */
  asked: boolean | undefined
  /** It holds the folder: its entry has existed for too long to be a trial, or was touched. */
  certain: boolean
}

interface Sight {
  /** Time of the entry's last change when first seen. */
  time: number
  since: number
}

/**
 * Polls the entries of others and removes those of dead processes. All times are those of the file
 * system, independent of the machines' clocks.
 */
function createWatch(entries: string, staleMs: number) {
  const seen = new Map<string, Sight>()

  async function judge(name: string, now: number): Promise<Rival | undefined> {
    const holder = holderOf(name)
    const time = await changeTime(entries, name)
    if (!holder || time === undefined) return undefined
    const sight = seen.get(name) ?? { time, since: performance.now() }
    seen.set(name, sight)
    const here = performance.now() - sight.since
    const asked = await lives(entries, name)
    const dead = asked === undefined ? time === sight.time && (now - time > staleMs || here > staleMs) : !asked
    if (dead) await rm(join(entries, name), { force: true })
    return dead ? undefined : { ...holder, asked, certain: asked === undefined ? time !== sight.time : here > RETRY_INTERVAL_MS }
  }

  return {
    async rivals(own: Entry): Promise<Rival[]> {
      // The current time of the file system, which also stamps the other entries.
      const now = (await changeTime(entries, own.name)) ?? 0
      const names = (await readdir(entries)).filter(name => name !== own.name)
      return (await Promise.all(names.map(name => judge(name, now)))).filter(rival => rival !== undefined)
    },
  }
}

async function changeTime(entries: string, name: string): Promise<number | undefined> {
  return (await stat(join(entries, name)).catch(() => undefined))?.ctimeMs
}

function refusal(folder: string, { pid, host }: Holder): string {
  return `${folder} is in use by process ${pid} on ${host}; only one process can use it. Stop that process first.`
}

function waitSentence(folder: string, { pid, host }: Holder, staleMs: number): string {
  return `${folder} was last used by process ${pid} on ${host}. It cannot be seen from here whether that process is still running: waiting up to ${staleMs / 1000} seconds for a heartbeat.`
}
