import { type EngineParameters, metadataDetections } from '@obscura/contract'
import type { Engine, Output } from '@obscura/engine'
import { printable } from '../file-names.js'
import { forEachConcurrently } from '../images/for-each.js'
import { foundIn } from '../images/found.js'
import type { CostLimits } from '../images/limits.js'
import { waitForMemory } from '../images/memory.js'
import { describeProblem, type Problem } from '../images/problem.js'
import { type Progress, showProgress } from '../images/progress.js'
import { readImage } from '../images/read-image.js'
import type { Item, Sidecar } from './plan.js'
import type { Results } from './results.js'

/** The outcome of a run. */
export interface Outcome {
  done: number
  /** Those that are done in this run, by their path below the output folder. */
  processed: Set<string>
  skipped: number
  failed: Problem[]
  /** Files that --lossless could not keep, by the reason. */
  reencodeReason: Map<string, string[]>
  /** Files that are done, but with warnings. */
  warned: { file: string; warnings: string[] }[]
  /** Not processed, because the run was interrupted. */
  left: number
}

/** What a run of the command works on, and with. */
export interface Run {
  items: readonly Item[]
  results: Results
  engine: Engine
  parameters: EngineParameters
  /** The file for areas with the method `logo`. */
  logo?: Uint8Array
  concurrency: number
  /** Process finished images again, and overwrite files that we did not write. */
  force: boolean
  /** What to do about a file that is in the place of a result but was not written by us. */
  aboutForeign: string
  /** Aborting it ends the run early. */
  controller: AbortController
  limits: CostLimits
  /** Aborting it starts no further image, but finishes those in progress. */
  stop?: AbortSignal
  /** Shows the progress of a number of images; by default a bar or lines on stderr. */
  show?: (total: number) => Progress
}

/** With these errors the next image would fail too. */
const FATAL = new Set(['ENOSPC', 'EDQUOT', 'EROFS'])

/**
 * Anonymizes all items that are not done yet. A bad image fails alone; a full disk ends the run.
 */
export async function runAll(run: Run): Promise<Outcome> {
  const { items, results, controller } = run
  const { signal } = controller
  const { stop = signal } = run
  const outcome: Outcome = {
    done: 0,
    processed: new Set(),
    skipped: 0,
    failed: [],
    reencodeReason: new Map(),
    warned: [],
    left: 0,
  }
  const open = await openItems(run, outcome)
  const progress = (run.show ?? showProgress)(open.length)
  await forEachConcurrently(open, run.concurrency, signal, async item => {
    if (stop.aborted) return
    await waitForMemory(run.limits.reserve, stop, progress)
    if (signal.aborted || stop.aborted) return
    let problem: string | undefined
    progress.begun(item.file)
    try {
      const { bytes, version } = await readImage(item.file, run.limits.file)
      const output = await run.engine.anonymize(bytes, run.parameters, { signal, logo: run.logo })
      await results.write(item, version, contents(item, output), foundIn(output, run.parameters))
      outcome.done++
      outcome.processed.add(item.image)
      if (output.warnings.length > 0) outcome.warned.push({ file: item.file, warnings: output.warnings })
      if (output.reencodeReason) {
        outcome.reencodeReason.set(output.reencodeReason, [
          ...(outcome.reencodeReason.get(output.reencodeReason) ?? []),
          item.file,
        ])
      }
    } catch (error) {
      if (signal.aborted) return
      problem = describeProblem(error)
      outcome.failed.push({ file: item.file, problem })
      if (FATAL.has((error as NodeJS.ErrnoException).code ?? '')) controller.abort(error)
    }
    progress.finished(item.file, problem)
  })
  progress.stop()
  outcome.left = items.length - outcome.done - outcome.skipped - outcome.failed.length
  return outcome
}

/** The items to be processed; the others are counted in `outcome`. */
async function openItems({ items, results, force, aboutForeign, controller }: Run, outcome: Outcome): Promise<Item[]> {
  const open: Item[] = []
  for (const item of items) {
    if (controller.signal.aborted) break
    try {
      const state = await results.state(item)
      if (state === 'done' && !force) outcome.skipped++
      else if (state === 'foreign' && !force)
        outcome.failed.push({
          file: item.file,
          problem: `${printable(item.image)} exists and was not made from this image; ${aboutForeign}`,
        })
      else open.push(item)
    } catch (error) {
      outcome.failed.push({ file: item.file, problem: describeProblem(error) })
    }
  }
  return open
}

/** The contents of the output files of an image, by path below the output folder. */
function contents(item: Item, output: Output): Map<string, Uint8Array> {
  const bodies: Record<Sidecar, () => Uint8Array> = {
    metadata: () => metadata(output),
    binaryMask: () => output.binaryMask!,
    instanceMask: () => output.instanceMask!,
  }
  const files = new Map(Object.entries(item.sidecars).map(([kind, name]) => [name, bodies[kind as Sidecar]()]))
  return files.set(item.image, output.image!)
}

/**
 * The body of GET /v2/task/{id}/metadata. As in the service the ID is a creation time in
 * microseconds, here that of the file.
 */
function metadata({ detections }: Output): Uint8Array {
  const body = { task_id: Date.now() * 1000, detections: metadataDetections(detections) }
  return Buffer.from(`${JSON.stringify(body, null, 2)}\n`)
}
