import { CLASSES, DEFAULT_PARAMETERS, type ObjectClass } from '@obscura/contract/parameters'
import { facesAmong, LEAST_PERSON, leastFace } from '../context/faces.js'
import type { Detection } from '../detection.js'
import type { Raster } from '../image.js'
import { type Candidate, fuse } from '../merge/fuse.js'
import { onPlane } from '../merge/on-plane.js'
import { located, onSphere } from '../merge/on-sphere.js'
import { byScore } from '../merge/suppress.js'
import { mergeViews, type ViewDetection } from '../merge/views.js'
import type { ViewTask } from '../plan/plan.js'
import { PROFILES, type Profile } from '../plan/profile.js'
import { isCut } from '../plan/view.js'
import { calibrate } from '../score.js'
import { detectsClass, type Networks, runsFor } from './networks.js'
import { countJobs, type DetectRequest, type Finding, planViews, search } from './search.js'
import type { Searcher } from './searcher-thread.js'

/**
 * Detects objects of the requested classes: one detection per object, sorted by score, boxes
 * clipped to the image (of a panorama, unwrapped). Boxes of faces and plates are already enlarged
 * to cover the whole object.
 * @param searcher a thread that shares the work; it requires the raster's pixels in a
 * SharedArrayBuffer
 * @throws EngineError PARAMETER_ERROR_FORMAT for a grid that does not fit this image
 */
export async function detect(
  raster: Raster,
  wanted: DetectRequest,
  networks: Networks,
  searcher?: Searcher,
): Promise<Detection[]> {
  const profile = PROFILES[networks.profile]
  const thresholds = { ...DEFAULT_THRESHOLDS, ...wanted.thresholds }
  const byPersons = wanted.heads === true && wanted.classes.includes('face')
  const search = { ...wanted, classes: CLASSES.filter(name => wanted.classes.includes(name) || (byPersons && name === 'person')) }
  const least = byPersons ? { ...thresholds, face: leastFace(thresholds.face), person: LEAST_PERSON } : thresholds
  const findings = await searchTogether(raster, search, networks, searcher)
  const viewDetections: ViewDetection[] = []
  let view = 0
  for (const viewTask of planViews(raster, search, profile)) {
    const ofView = findings.filter(finding => finding.view === view)
    for (const seen of fuseView(viewTask, ofView, networks, profile)) {
      if (seen.score >= Math.min(least[seen.class], thresholds[seen.class])) viewDetections.push({ ...seen, view })
    }
    view++
  }
  const merged = (from: typeof thresholds, classes: readonly ObjectClass[]) => {
    const sure = viewDetections.filter(({ class: name, score }) => classes.includes(name) && score >= from[name])
    return mergeViews(sure, profile.fusion, wanted.sphere ? onSphere : onPlane(raster))
  }
  if (!byPersons) return merged(thresholds, wanted.classes)
  // Unsure persons tell of faces, but must not change which persons are found.
  const faces = facesAmong(merged(least, ['face', 'person']), thresholds.face, raster.width)
  const others = merged(
    thresholds,
    wanted.classes.filter(name => name !== 'face'),
  )
  return [...others, ...faces].sort(byScore)
}

const DEFAULT_THRESHOLDS: Record<ObjectClass, number> = {
  face: DEFAULT_PARAMETERS.face_threshold,
  person: DEFAULT_PARAMETERS.person_threshold,
  license_plate: DEFAULT_PARAMETERS.license_plate_threshold,
  vehicle: DEFAULT_PARAMETERS.vehicle_threshold,
}

/**
 * All findings in the order of the plan, from either thread. Waits for both threads, even when one
 * fails: they read the raster.
 */
async function searchTogether(
  raster: Raster,
  wanted: DetectRequest,
  networks: Networks,
  searcher?: Searcher,
): Promise<Finding[]> {
  const jobs = countJobs()
  // The other thread first: an inference in this one would delay the request.
  const other = searcher?.search({ raster, wanted, jobs }) ?? []
  const [mine, others] = await Promise.allSettled([search(raster, wanted, networks, jobs), other])
  if (mine.status === 'rejected') throw mine.reason
  if (others.status === 'rejected') throw others.reason
  return [...mine.value, ...others.value].sort((a, b) => a.view - b.view || a.pass - b.pass)
}

/** Fuses the boxes of the passes over a view, class by class. */
function fuseView(
  viewTask: ViewTask,
  findings: readonly Finding[],
  networks: Networks,
  { fusion }: Profile,
): Omit<ViewDetection, 'view'>[] {
  const { view, classes, stage, prior } = viewTask
  const { width, height } = view.size
  const runs = runsFor(networks, classes, stage)
  const candidates: Candidate[] = findings.flatMap(({ pass, found }) => found.map(detection => ({ ...detection, pass })))
  return classes.flatMap(name => {
    const passes = runs.filter(({ network }) => detectsClass(network.manifest, name)).length
    const ofClass = candidates.filter(candidate => candidate.class === name)
    return fuse(ofClass, passes, fusion[name], stage).map(({ score: unweighted, box }) => {
      const score = prior ? calibrate(unweighted, [1, prior[name]]) : unweighted
      const place = view.locate(box)
      const cut = isCut(box, [0, 0, width, height], view.open, CUT_FRACTION * Math.max(width, height))
      const { projection } = view
      return projection
        ? { ...located({ class: name, score }, { projection, box: place }), cut }
        : { class: name, score, box: place, cut }
    })
  })
}

/**
 * A box that ends this close to an inner border of a tile, as a fraction of its long side, may be
 * part of an object.
 */
const CUT_FRACTION = 0.01
