import { DEFAULT_PARAMETERS, type ObjectClass } from '@obscura/contract/parameters'
import type { Detection } from '../detection.js'
import type { Raster } from '../image.js'
import { type Candidate, fuse } from '../merge/fuse.js'
import { located, onSphere } from '../merge/on-sphere.js'
import { plane } from '../merge/plane.js'
import { mergeViews, type Sighting } from '../merge/views.js'
import type { Look } from '../plan/plan.js'
import { PROFILES, type Profile } from '../plan/profile.js'
import { isCut } from '../plan/view.js'
import { calibrate } from '../score.js'
import { finds, type Nets, runsFor } from './nets.js'
import { countJobs, type Finding, looks, search, type Wanted } from './search.js'
import type { Searcher } from './searcher-thread.js'

export { PROFILES, type ProfileName } from '../plan/profile.js'
export { type LoadOptions, loadNets, type Nets } from './nets.js'
export type { Wanted } from './search.js'

/**
 * Finds the objects of the wanted classes: one detection an object, sorted by score, boxes clipped to the image (of a panorama, unwrapped).
 * Boxes of faces and plates are grown already so that they cover the whole object: report and render them as they are.
 * @param searcher takes its share of the work; then the raster's pixels must lie in a SharedArrayBuffer
 * @throws EngineError PARAMETER_ERROR_FORMAT for a grid that makes no sense on this image
 */
export async function detect(raster: Raster, wanted: Wanted, nets: Nets, searcher?: Searcher): Promise<Detection[]> {
  const profile = PROFILES[nets.profile]
  const thresholds = { ...DEFAULT_THRESHOLDS, ...wanted.thresholds }
  const findings = await searchTogether(raster, wanted, nets, searcher)
  const sightings: Sighting[] = []
  let view = 0
  for (const look of looks(raster, wanted, profile)) {
    const ofView = findings.filter(finding => finding.view === view)
    for (const seen of fuseView(look, ofView, nets, profile)) {
      if (seen.score >= thresholds[seen.class]) sightings.push({ ...seen, view })
    }
    view++
  }
  return mergeViews(sightings, profile.fusion, wanted.sphere ? onSphere : plane(raster))
}

const DEFAULT_THRESHOLDS: Record<ObjectClass, number> = {
  face: DEFAULT_PARAMETERS.face_threshold,
  person: DEFAULT_PARAMETERS.person_threshold,
  license_plate: DEFAULT_PARAMETERS.license_plate_threshold,
  vehicle: DEFAULT_PARAMETERS.vehicle_threshold,
}

/** All findings in the order of the plan, whichever thread made them. Waits for both threads, even when one fails: they read the raster. */
async function searchTogether(raster: Raster, wanted: Wanted, nets: Nets, searcher?: Searcher): Promise<Finding[]> {
  const jobs = countJobs()
  // The other thread first: an inference in this one would keep it from being asked.
  const other = searcher?.search({ raster, wanted, jobs }) ?? []
  const [mine, others] = await Promise.allSettled([search(raster, wanted, nets, jobs), other])
  if (mine.status === 'rejected') throw mine.reason
  if (others.status === 'rejected') throw others.reason
  return [...mine.value, ...others.value].sort((a, b) => a.view - b.view || a.pass - b.pass)
}

/** Fuses what the passes over a view found, class by class. */
function fuseView(look: Look, findings: readonly Finding[], nets: Nets, { fusion }: Profile): Omit<Sighting, 'view'>[] {
  const { view, classes, stage, prior } = look
  const { width, height } = view.size
  const runs = runsFor(nets, classes, stage)
  const candidates: Candidate[] = findings.flatMap(({ pass, found }) => found.map(detection => ({ ...detection, pass })))
  return classes.flatMap(name => {
    const passes = runs.filter(({ net }) => finds(net.manifest, name)).length
    const ofClass = candidates.filter(candidate => candidate.class === name)
    return fuse(ofClass, passes, fusion[name], stage).map(({ score: unweighted, box }) => {
      const score = prior ? calibrate(unweighted, [1, prior[name]]) : unweighted
      const place = view.locate(box)
      const cut = isCut(box, [0, 0, width, height], view.open, CUT_SHARE * Math.max(width, height))
      const { projection } = view
      return projection
        ? { ...located({ class: name, score }, { projection, box: place }), cut }
        : { class: name, score, box: place, cut }
    })
  })
}

/** A box that ends this close to a tile's inner border, as a share of the tile's long side, may be a part of an object. */
const CUT_SHARE = 0.01
