import { readFile } from 'node:fs/promises'
import type { Engine, Output } from '@obscura/engine'
import { type EngineParameters, metadataDetections } from '@obscura/shared/contract'
import { describeProblem, eachAtOnce } from '../images/each.js'
import type { Progress } from '../images/progress.js'
import type { Item, Sidecar } from './plan.js'
import type { Results } from './results.js'

/** What became of the images of a run. */
export interface Outcome {
  done: number
  skipped: number
  failed: { file: string; problem: string }[]
  /** Files that --lossless could not keep, by the reason. */
  encodedAnew: Map<string, string[]>
  /** Files that are done and not as they should be. */
  warned: { file: string; warnings: string[] }[]
  /** Left for another run, because this one was interrupted. */
  left: number
}

export interface Run {
  items: readonly Item[]
  results: Results
  engine: Engine
  parameters: EngineParameters
  atOnce: number
  /** Do images that are done once more, and replace files that are not ours. */
  force: boolean
  /** Aborting it ends the run early. */
  controller: AbortController
  showProgress: (total: number) => Progress
}

/** With these the next image would fail just the same. */
const FATAL = new Set(['ENOSPC', 'EDQUOT', 'EROFS'])

/** Anonymizes all items that are not done yet. A bad image fails alone; a full disk ends the run. */
export async function runAll(run: Run): Promise<Outcome> {
  const { items, results, controller } = run
  const { signal } = controller
  const outcome: Outcome = { done: 0, skipped: 0, failed: [], encodedAnew: new Map(), warned: [], left: 0 }
  const open: Item[] = []
  for (const item of items) {
    const state = run.force ? 'open' : await results.state(item).catch(() => 'open')
    if (state === 'done') outcome.skipped++
    else if (state === 'open') open.push(item)
    else
      outcome.failed.push({
        file: item.file,
        problem: `a file named ${item.image} is there, not made from it; --force replaces it`,
      })
  }
  const progress = run.showProgress(open.length)
  await eachAtOnce(open, run.atOnce, signal, async item => {
    const began = performance.now()
    let problem: string | undefined
    try {
      const output = await run.engine.anonymize(await readFile(item.file), run.parameters, { signal })
      await results.write(item, contents(item, output))
      outcome.done++
      if (output.warnings.length > 0) outcome.warned.push({ file: item.file, warnings: output.warnings })
      if (output.encodedAnew) {
        outcome.encodedAnew.set(output.encodedAnew, [...(outcome.encodedAnew.get(output.encodedAnew) ?? []), item.file])
      }
    } catch (error) {
      if (signal.aborted) return
      problem = describeProblem(error)
      outcome.failed.push({ file: item.file, problem })
      if (FATAL.has((error as NodeJS.ErrnoException).code ?? '')) controller.abort(error)
    }
    progress.finished(item.file, performance.now() - began, problem)
  })
  progress.stop()
  outcome.left = items.length - outcome.done - outcome.skipped - outcome.failed.length
  return outcome
}

/** The bytes of each file that an image becomes, by path below the output folder. */
function contents(item: Item, output: Output): Map<string, Uint8Array> {
  const bodies: Record<Sidecar, () => Uint8Array> = {
    metadata: () => metadata(output),
    binaryMask: () => output.binaryMask!,
    instanceMask: () => output.instanceMask!,
  }
  const files = new Map(Object.entries(item.sidecars).map(([kind, name]) => [name, bodies[kind as Sidecar]()]))
  return files.set(item.image, output.image!)
}

/** The body of GET /v2/task/{id}/metadata. As in the service the id is the microsecond of its making, here that of the file. */
function metadata({ detections }: Output): Uint8Array {
  const body = { task_id: Date.now() * 1000, detections: metadataDetections(detections) }
  return Buffer.from(`${JSON.stringify(body, null, 2)}\n`)
}
