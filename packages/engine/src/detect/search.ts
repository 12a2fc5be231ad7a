import type { Grid, ObjectClass } from '@obscura/contract/parameters'
import type { Detection } from '../detection.js'
import type { Raster } from '../image.js'
import { plan, type ViewTask } from '../plan/plan.js'
import type { Profile } from '../plan/profile.js'
import { planSphere } from '../plan/sphere.js'
import { InputMemory } from './input.js'
import { type Networks, runsFor } from './networks.js'
import { runPass } from './run.js'

/** What the caller wants found. */
export interface DetectRequest {
  classes: readonly ObjectClass[]
  /** Where to look: `whole`, a panorama preset such as `pano:8000`, or a free grid. */
  format: string | Grid
  /** The image is an equirectangular panorama of the whole sphere, and is looked at as one. */
  sphere?: boolean
  /**
   * With class face: searches persons too, judges faces by them, and adds the heads of those
   * without a face, as faces.
   */
  heads?: boolean
  /**
   * Lowest score 0..1 of a detection that is returned, by class; absent: the API's default
   * threshold.
   */
  thresholds?: Partial<Record<ObjectClass, number>>
}

/** What one pass found in one view; both are numbered from 0 in the order of the plan. */
export interface Finding {
  view: number
  pass: number
  found: Detection[]
}

/**
 * Shared counter of the next job: passes over views are numbered from 0, and each thread takes the
 * next one when it is free.
 */
export type JobCounter = Int32Array<SharedArrayBuffer>

/** A counter for two threads. */
export function countJobs(): JobCounter {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
}

/** The views of an image, in the order in which both threads and the fusion number them. */
export function planViews(raster: Raster, { classes, format, sphere }: DetectRequest, profile: Profile): Generator<ViewTask> {
  return sphere ? planSphere(raster, classes, profile) : plan(raster, classes, format, profile)
}

/**
 * Runs passes over the views of an image, one after the other. Threads that process the same image
 * with one counter share the work: all iterate over the same plan, and each runs the passes whose
 * numbers it took.
 * @throws EngineError PARAMETER_ERROR_FORMAT for a grid that does not fit this image
 */
export async function search(raster: Raster, wanted: DetectRequest, networks: Networks, jobs: JobCounter): Promise<Finding[]> {
  const findings: Finding[] = []
  const memory = new InputMemory()
  let view = 0
  let job = 0
  let drawn = -1
  for (const viewTask of planViews(raster, wanted, networks.profile)) {
    for (const [pass, run] of runsFor(networks, viewTask.classes, viewTask.stage).entries()) {
      if (drawn < job) drawn = Atomics.add(jobs, 0, 1)
      if (drawn !== job++) continue
      if (viewTask.stage === 'tiles' && (await viewTask.view.isBlank())) continue
      findings.push({ view, pass, found: await runPass(viewTask, run, memory) })
    }
    view++
  }
  return findings
}
