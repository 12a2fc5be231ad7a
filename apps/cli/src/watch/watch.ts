import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Item, planItems, type Sidecar } from '../anonymize/plan.js'
import { type Run, runAll } from '../anonymize/run.js'
import { printable } from '../file-names.js'
import { findImages } from '../images/find.js'
import { HIDDEN } from '../images/journal.js'
import { describeProblem, type Problem } from '../images/problem.js'
import { duration, type Progress } from '../images/progress.js'
import { isFolder } from './folders.js'
import type { Mirror } from './mirror.js'
import { removeReason, writeReason } from './reasons.js'
import { type Arrivals, createArrivals } from './settled.js'

/** Pause after a full or read-only disk. */
const DISK_PAUSE_MS = 30_000

/** What is watched, and where results go. */
export interface Watch {
  folder: string
  out: string
  /** Folder for the reasons of failures. */
  failed: string | undefined
  sidecars: readonly Sidecar[]
  settleMs: number
  intervalMs: number
  /** Removes results whose images are gone. */
  mirror: Mirror | undefined
  run: Omit<Run, 'items' | 'controller' | 'stop' | 'show'>
  /** Aborting it finishes the images in progress and ends the watch. */
  stop: AbortSignal
}

interface Total {
  done: number
  failed: number
}

/**
 * Anonymizes the images of a folder as they arrive, until `stop` aborts. The folder is searched
 * again and again: file system events do not report what other machines write to a network mount,
 * and are lost when there are many.
 */
export async function watchFolder(watch: Watch): Promise<Total> {
  const total: Total = { done: 0, failed: 0 }
  const arrivals = createArrivals(watch.settleMs)
  const say = createTeller()
  while (!watch.stop.aborted) {
    const missing = await missingFolder(watch)
    say('folder', missing && `${printable(missing)} is missing. Waiting until it is back.`)
    const isDiskRefusing = !missing && (await round(watch, arrivals, total, say))
    await sleep(isDiskRefusing ? DISK_PAUSE_MS : watch.intervalMs, undefined, { signal: watch.stop }).catch(() => {})
  }
  return total
}

/** The folder that is away. Without its hidden folder the output is another disk, or unmounted. */
async function missingFolder({ folder, out }: Watch): Promise<string | undefined> {
  if (!(await isFolder(folder))) return folder
  return (await isFolder(path.join(out, HIDDEN))) ? undefined : out
}

/** Processes what has arrived. Returns whether the disk of the results is full or read-only. */
async function round(watch: Watch, arrivals: Arrivals, total: Total, say: Teller): Promise<boolean> {
  const findings = await findImages([watch.folder])
  const { photos, problems } = findings
  say('unreadable', problems.map(({ file, problem }) => `cannot read ${printable(file)}: ${problem}`).join('\n'))
  say('mirror', await watch.mirror?.update(findings, performance.now()))
  // Planned with all images, settled or not: the names of the files beside them depend on it.
  const items = await arrivals.ready(await planItems(photos, watch.sidecars), performance.now())
  if (items.length === 0) return false
  const controller = new AbortController()
  const outcome = await runAll({ ...watch.run, items, controller, stop: watch.stop, show: logLines })
  total.done += outcome.done
  for (const { file, problem } of outcome.failed) console.error(`${printable(file)}: failed: ${printable(problem)}`)
  if (controller.signal.aborted) {
    console.error(`Nothing can be written to ${printable(watch.out)}. Trying again in ${duration(DISK_PAUSE_MS)}.`)
    return true
  }
  total.failed += outcome.failed.length
  for (const { file, warnings } of outcome.warned) console.error(`${printable(file)}: warning: ${printable(warnings.join(' '))}`)
  // Some may not have been started: they are found again after the restart.
  if (!watch.stop.aborted || outcome.left === 0) await record(items, outcome.failed, watch, arrivals)
  return false
}

async function record(items: readonly Item[], failed: readonly Problem[], watch: Watch, arrivals: Arrivals): Promise<void> {
  const problems = new Map(failed.map(({ file, problem }) => [file, problem]))
  for (const item of items) {
    const problem = problems.get(item.file)
    arrivals.processed(item, problem !== undefined, performance.now())
    if (watch.failed === undefined) continue
    try {
      if (problem === undefined) await removeReason(watch.failed, item.image)
      else await writeReason(watch.failed, watch.folder, item.image, problem)
    } catch (error) {
      console.error(`Cannot write to ${printable(watch.failed)}: ${describeProblem(error)}`)
    }
  }
}

/** A line for each image that is done; failures are known to the caller. */
function logLines(): Progress {
  let waited = ''
  const begun = new Map<string, number>()
  return {
    begun(name) {
      waited = ''
      begun.set(name, performance.now())
    },
    finished(name, problem) {
      const took = duration(performance.now() - begun.get(name)!)
      if (problem === undefined) console.error(`${printable(name)}: anonymized in ${took}`)
    },
    waiting(reason) {
      if (waited === '') console.error(reason)
      waited = reason
    },
    stop: () => {},
  }
}

/** Prints a text about a subject when it has changed, not each time that it is still so. */
type Teller = (subject: string, text: string | undefined) => void

function createTeller(): Teller {
  const last = new Map<string, string | undefined>()
  return (subject, text) => {
    if (text && last.get(subject) !== text) console.error(text)
    last.set(subject, text)
  }
}
