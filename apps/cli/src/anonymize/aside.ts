/**
 * Where files are written before they move into place: a folder for each process, which others
 * remove when it is dead.
 */
import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { Failure } from '../failure.js'
import { onDisk } from '../file-names.js'

/** Nobody writes one image for so long. */
const ABANDONED_MS = 24 * 3600_000

/** Process ids mean something only to this boot of this machine, in this container. */
const HERE = createHash('sha256')
  .update(
    [
      hostname(),
      textOf(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
      textOf(() => readlinkSync('/proc/self/ns/pid')),
    ].join('\n'),
  )
  .digest('hex')
  .slice(0, 8)

/** Its name: the process, where that means something, and the settings it works with. */
const NAME = /^writing-(\d+)-(\w+)-(\w+)$/

/**
 * The folder in which a process of this machine writes, below the hidden folder of an output
 * folder.
 */
export function asideFolder(hidden: string, settings: string, pid = process.pid): string {
  return path.join(hidden, `writing-${pid}-${HERE}-${settings}`)
}

/**
 * Makes this process's folder, and removes those of runs that are no more.
 * @throws Failure while another command writes with other settings: of one photo the image could
 * then be of one run and the mask of the other
 */
export async function makeAsideFolder(hidden: string, settings: string): Promise<string> {
  const own = asideFolder(hidden, settings)
  await rm(onDisk(own), { recursive: true, force: true })
  await mkdir(onDisk(own))
  for (const name of await readdir(onDisk(hidden), 'utf8')) {
    const [, pid, place, others] = NAME.exec(name) ?? []
    if (!pid || Number(pid) === process.pid) continue
    const folder = onDisk(path.join(hidden, name))
    const isLeft = place === HERE ? !isAlive(Number(pid)) : Date.now() - (await lastChange(folder)) > ABANDONED_MS
    if (isLeft) await rm(folder, { recursive: true, force: true })
    else if (place === HERE && others !== settings) {
      await rm(onDisk(own), { recursive: true, force: true })
      throw new Failure(
        `Another command (process ${pid}) is writing there with different settings. Wait until it ends or choose another folder with --out.`,
      )
    }
  }
  return own
}

/** Milliseconds since 1970; now when its owner has just removed it. */
async function lastChange(folder: string | Buffer): Promise<number> {
  return stat(folder).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  )
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Empty where the system has no such file. */
function textOf(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}
