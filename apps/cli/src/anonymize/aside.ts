/** Where files are written before they move into place: a folder for each process, which others remove when it is dead. */
import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { onDisk } from '../file-names.js'

/** Nobody writes one image for so long. */
const ABANDONED_MS = 24 * 3600_000

/** Process ids mean something only to this boot of this machine, in this container. */
const HERE = createHash('sha256').update([hostname(), boot(), pidNamespace()].join('\n')).digest('hex').slice(0, 8)

/** The folder in which this process writes, below the hidden folder of an output folder. */
export function asideFolder(hidden: string): string {
  return path.join(hidden, `writing-${process.pid}-${HERE}`)
}

/** Removes the half-written files of runs that are no more. */
export async function removeLeftovers(hidden: string): Promise<void> {
  for (const name of await readdir(onDisk(hidden), 'utf8')) {
    const [, pid, place] = /^writing-(\d+)-(\w+)$/.exec(name) ?? []
    if (!pid) continue
    const folder = onDisk(path.join(hidden, name))
    const isLeft = place === HERE ? !isAlive(Number(pid)) : Date.now() - (await lastChange(folder)) > ABANDONED_MS
    if (isLeft) await rm(folder, { recursive: true, force: true })
  }
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

function boot(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')
  } catch {
    return ''
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}
