/** Keeps a second process out of a folder that only one may use, wherever the two run: beside each other, in containers, on machines. */
import { mkdir, readdir, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { addEntry, type Entry, type Holder, holderOf, lives } from './lock-entry.js'

export interface FolderLock {
  release(): Promise<void>
}

/** Another process uses the folder; the message names it. */
export class FolderLockedError extends Error {
  override readonly name = 'FolderLockedError'
}

export interface LockOptions {
  /** Told once, in a sentence, when the start has to wait. */
  onWait?: (sentence: string) => void
  /** How long an entry whose process cannot be asked must be silent to count as left behind. */
  silenceMs?: number
}

/** The holder touches its entry this often, for those who cannot ask it. */
const TOUCH_MS = 5_000
const SILENCE_MS = 30_000
/** A rival that is there for longer holds the folder; those who only try are gone before. */
const TRY_MS = 1_000

/**
 * Takes the folder through an entry in `<folder>.holders`. Each process adds its own and looks for others only then, so that of two at once
 * the later one sees the earlier; who sees another takes its entry back, waits for a random moment, and tries again. What a dead process
 * left behind is cleared away: at once if it ran on this kernel, else after it has been silent for half a minute.
 * @throws FolderLockedError when a living process holds it
 */
export async function lockFolder(folder: string, options: LockOptions = {}): Promise<FolderLock> {
  const entries = `${folder}.holders`
  const watch = createWatch(entries, options.silenceMs ?? SILENCE_MS)
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
      options.onWait?.(waitSentence(folder, silent, options.silenceMs ?? SILENCE_MS))
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
      // Another process that left has removed the empty folder just now.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}

async function leave(entries: string, own: Entry): Promise<void> {
  await own.remove()
  await rmdir(entries).catch(() => undefined)
}

function hold(entries: string, own: Entry): FolderLock {
  const touching = setInterval(() => void own.touch().catch(() => undefined), TOUCH_MS)
  touching.unref()
  return {
    async release() {
      clearInterval(touching)
      await leave(entries, own)
    },
  }
}

interface Rival extends Holder {
  /** What its socket says; undefined when it cannot be asked. */
  asked: boolean | undefined
  /** It holds the folder: it has been there for too long to be trying, or was seen to touch its entry. */
  certain: boolean
}

interface Sight {
  /** Of the entry's last change, as first seen. */
  time: number
  since: number
}

/** Looks at the entries of others, again and again, and clears away those of the dead. All times are the file system's: no machine's clock matters. */
function createWatch(entries: string, silenceMs: number) {
  const seen = new Map<string, Sight>()

  async function judge(name: string, now: number): Promise<Rival | undefined> {
    const holder = holderOf(name)
    const time = await changeTime(entries, name)
    if (!holder || time === undefined) return undefined
    const sight = seen.get(name) ?? { time, since: performance.now() }
    seen.set(name, sight)
    const here = performance.now() - sight.since
    const asked = await lives(entries, name)
    const dead = asked === undefined ? time === sight.time && (now - time > silenceMs || here > silenceMs) : !asked
    if (dead) await rm(join(entries, name), { force: true })
    return dead ? undefined : { ...holder, asked, certain: asked === undefined ? time !== sight.time : here > TRY_MS }
  }

  return {
    async rivals(own: Entry): Promise<Rival[]> {
      // The file system's own idea of the present, which is what the others' entries carry too.
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

function waitSentence(folder: string, { pid, host }: Holder, silenceMs: number): string {
  return `${folder} was last used by process ${pid} on ${host}. It cannot be seen from here whether that process is still running: waiting up to ${silenceMs / 1000} seconds for a heartbeat.`
}
