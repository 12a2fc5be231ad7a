import { CLASSES, type ObjectClass } from '@obscura/contract/parameters'
import { facesAmong, MIN_PERSON_SCORE, minFaceScore } from '../context/faces.js'
import type { Detection } from '../detection.js'
import type { Raster } from '../image.js'
import { type Candidate, fuse } from '../merge/fuse.js'
import { onPlane } from '../merge/on-plane.js'
import { located, onSphere } from '../merge/on-sphere.js'
import { byScore } from '../merge/suppress.js'
import { mergeViews, type ViewDetection } from '../merge/views.js'
import type { ViewTask } from '../plan/plan.js'
import { isCut } from '../plan/view.js'
import { calibrate } from '../score.js'
import { InputMemory } from './input.js'
import { detectableClasses, type Networks, requireDetectors, runsFor } from './networks.js'
import { secondOpinion } from './opinion.js'
import { DEFAULT_THRESHOLDS } from './profiles.js'
import { countJobs, type DetectRequest, type Finding, planViews, search } from './search.js'
import type { Searcher } from './searcher-thread.js'

/**
 * Detects objects of the requested classes: one detection per object, sorted by score, boxes
 * clipped to the image (of a panorama, unwrapped). Boxes of faces and plates are already enlarged
 * to cover the whole object.
 * @param searcher a thread that shares the work; it requires the raster's pixels in a
 * SharedArrayBuffer
 * @throws EngineError PARAMETER_ERROR_FORMAT for a grid that does not fit this image, or when no
 * network detects one of the classes
 */
export async function detect(
  raster: Raster,
  wanted: DetectRequest,
  networks: Networks,
  searcher?: Searcher,
): Promise<Detection[]> {
  const { profile } = networks
  requireDetectors(networks, wanted.classes)
  const thresholds = { ...DEFAULT_THRESHOLDS, ...wanted.thresholds }
  const byPersons = isByPersons(wanted, networks)
  const searched = { ...wanted, classes: searchedClasses(wanted, networks) }
  const least = byPersons ? { ...thresholds, face: minFaceScore(thresholds.face), person: MIN_PERSON_SCORE } : thresholds
  const findings = await searchTogether(raster, searched, networks, searcher)
  const viewDetections: ViewDetection[] = []
  const memory = new InputMemory()
  const viewTasks = [...planViews(raster, searched, profile)]
  const searchesTiles = (name: ObjectClass) => runsFor(networks, [name], 'tiles').length > 0
  const inTiles = new Set(viewTasks.flatMap(({ stage, classes }) => (stage === 'tiles' ? classes.filter(searchesTiles) : [])))
  let view = 0
  for (const viewTask of viewTasks) {
    const ofView = findings.filter(finding => finding.view === view)
    for (const seen of await fuseView(viewTask, ofView, inTiles, networks, memory)) {
      if (seen.score >= Math.min(least[seen.class], thresholds[seen.class])) viewDetections.push({ ...seen, view })
    }
    view++
  }
  const merged = (from: typeof thresholds, classes: readonly ObjectClass[]) => {
    const sure = viewDetections.filter(({ class: name, score }) => classes.includes(name) && score >= from[name])
    return mergeViews(sure, profile.fusion, wanted.sphere ? onSphere : onPlane(raster))
  }
  if (!byPersons) return merged(thresholds, wanted.classes)
  // Uncertain persons help to judge faces, but must not change which persons are found.
  const faces = facesAmong(merged(least, ['face', 'person']), thresholds.face, raster.width)
  const others = merged(
    thresholds,
    wanted.classes.filter(name => name !== 'face'),
  )
  return [...others, ...faces].sort(byScore)
}

type Wanted = Pick<DetectRequest, 'classes' | 'heads'>

/**
 * The classes of which a search uses the networks: those wanted, and persons where faces are to be
 * judged by them.
 */
export function neededClasses({ classes, heads }: Wanted): ObjectClass[] {
  const byPersons = heads === true && classes.includes('face')
  return CLASSES.filter(name => classes.includes(name) || (byPersons && name === 'person'))
}

/** The classes to look for: those wanted, and of those only needed what the networks detect. */
export function searchedClasses(wanted: Wanted, networks: Networks): ObjectClass[] {
  const detectable = detectableClasses(networks)
  return neededClasses(wanted).filter(name => wanted.classes.includes(name) || detectable.has(name))
}

/** Whether faces are judged by persons: not where no network detects persons. */
function isByPersons({ classes, heads }: Wanted, networks: Networks): boolean {
  return heads === true && classes.includes('face') && detectableClasses(networks).has('person')
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
  const other = searcher?.search({ profile: networks.profile.name, raster, wanted, jobs }) ?? []
  const [mine, others] = await Promise.allSettled([search(raster, wanted, networks, jobs), other])
  if (mine.status === 'rejected') throw mine.reason
  if (others.status === 'rejected') throw others.reason
  return [...mine.value, ...others.value].sort((a, b) => a.view - b.view || a.pass - b.pass)
}

/**
 * Fuses the boxes of the passes over a view, class by class.
 * @param inTiles the classes that tiles look for as well
 */
async function fuseView(
  viewTask: ViewTask,
  findings: readonly Finding[],
  inTiles: ReadonlySet<ObjectClass>,
  networks: Networks,
  memory: InputMemory,
): Promise<Omit<ViewDetection, 'view'>[]> {
  const { fusion } = networks.profile
  const { view, classes, stage } = viewTask
  const runs = runsFor(networks, classes, stage)
  const candidates: Candidate[] = findings.flatMap(({ pass, found }) => found.map(detection => ({ ...detection, pass })))
  const fused: Omit<ViewDetection, 'view'>[] = []
  for (const name of classes) {
    const passes = runs.filter(run => run.classes.includes(name)).length
    const ofClass = candidates.filter(candidate => candidate.class === name)
    const objects = fuse(ofClass, passes, fusion[name], stage)
    const { opinion } = fusion[name]
    // Fitted on photos; a panorama's views and tiles have priors of their own.
    const asked = opinion && stage === 'whole' && !view.projection && (opinion.besideTiles || !inTiles.has(name))
    const judged = asked ? await secondOpinion(objects, name, viewTask, networks, opinion, memory) : objects
    fused.push(...judged.map(object => inImage(object, viewTask)))
  }
  return fused
}

/** A detection of a view where it lies in the image. */
function inImage(
  { class: name, score: unweighted, box, outlines: inView }: Detection,
  { view, prior }: ViewTask,
): Omit<ViewDetection, 'view'> {
  const { width, height } = view.size
  const score = prior ? calibrate(unweighted, [1, prior[name]]) : unweighted
  const place = view.locate(box)
  const cut = isCut(box, [0, 0, width, height], view.open, CUT_FRACTION * Math.max(width, height))
  const { projection } = view
  const outlines = inView?.map(outline => ({ ...outline, frame: view.locate(outline.frame), projection }))
  return projection
    ? { ...located({ class: name, score }, { projection, box: place }), cut, outlines }
    : { class: name, score, box: place, cut, outlines }
}

/**
 * A box that ends this close to an inner border of a tile, as a fraction of its long side, may be
 * part of an object.
 */
const CUT_FRACTION = 0.01
