/**
 * Temporary folder of each process, from which finished files are moved into place. Other processes
 * remove it when its owner is dead.
 */
import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { CommandError } from '../command-error.js'
import { onDisk } from '../file-names.js'

/** Writing one image never takes this long. */
const ABANDONED_MS = 24 * 3600_000

/** Process IDs are only unique within this boot of this machine, in this container. */
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

/** Its name: process ID, scope of that ID, and settings. */
const NAME = /^writing-(\d+)-(\w+)-(\w+)$/

/**
 * The temporary folder of a process on this machine, below the hidden folder of an output folder.
 */
export function temporaryFolder(hidden: string, settings: string, pid = process.pid): string {
  return path.join(hidden, `writing-${pid}-${HERE}-${settings}`)
}

/**
 * Creates the folder of this process and removes those of dead processes.
 * @throws CommandError while another command writes with different settings, or `alone` and with
 * any: the image and the mask of one input could then come from different runs
 */
export async function makeTemporaryFolder(hidden: string, settings: string, alone = false): Promise<string> {
  const own = temporaryFolder(hidden, settings)
  await rm(onDisk(own), { recursive: true, force: true })
  await mkdir(onDisk(own))
  for (const name of await readdir(onDisk(hidden), 'utf8')) {
    const [, pid, place, others] = NAME.exec(name) ?? []
    if (!pid || Number(pid) === process.pid) continue
    const folder = onDisk(path.join(hidden, name))
    const isLeft = place === HERE ? !isAlive(Number(pid)) : Date.now() - (await lastChange(folder)) > ABANDONED_MS
    if (isLeft) await rm(folder, { recursive: true, force: true })
    else if (place === HERE && (alone || others !== settings)) {
      await rm(onDisk(own), { recursive: true, force: true })
      throw new CommandError(
        `Another command (process ${pid}) is writing there${others === settings ? '' : ' with different settings'}. Wait until it ends or choose another folder with --out.`,
      )
    }
  }
  return own
}

/** Milliseconds since 1970; the current time when its owner has just removed it. */
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
