import type { AreaMethod } from '../parameters/areas.js'
import type { TaskParameters } from '../parameters/parameters.js'
import type { RegionClass, StoredRegion } from '../parameters/regions.js'
import { ValueError } from '../parameters/value-error.js'
import type { Correction, RegionChange } from './correction.js'

/** All differences between the regions of a revision and those that were detected. */
export interface Edits {
  removed: number[]
  changed: Record<number, { class?: RegionClass; method?: AreaMethod }>
  added: StoredRegion[]
  /** Number of detected regions: their IDs are 0 up to it. */
  detected: number
  /** The ID of the next region that is added. */
  nextId: number
}

/** What a correction did, for the record: shapes are in the regions. */
export interface Changes {
  removed: number[]
  added: number[]
  changed: RegionChange[]
  parameters: Partial<TaskParameters>
  /** The revision that was gone back to. */
  reverted?: number
}

/** Characters of the edits of a revision as JSON. */
const MAX_EDITS = 1024 * 1024

/** The edits of the first revision, which is what was detected. */
export function noEdits(detected: number): Edits {
  return { removed: [], changed: {}, added: [], detected, nextId: detected }
}

/**
 * Adds a correction to the edits of a revision.
 * @throws ValueError when a region does not exist, or the edits become too large
 */
export function addCorrection(edits: Edits, correction: Correction): { edits: Edits; changes: Changes } {
  const added = correction.add.map((region, i) => ({ ...region, id: edits.nextId + i }))
  const next: Edits = {
    ...edits,
    removed: [...edits.removed],
    changed: { ...edits.changed },
    added: [...edits.added, ...added],
    nextId: edits.nextId + added.length,
  }
  const removed = new Set(edits.removed)
  const known = new Set(edits.added.map(({ id }) => id))
  const requireRegion = (id: number) => {
    if (removed.has(id) || !(id < edits.detected || known.has(id))) throw new ValueError(`There is no region ${id}.`)
  }
  for (const change of correction.change) {
    requireRegion(change.id)
    next.changed[change.id] = changed(next.changed[change.id], change)
  }
  for (const id of correction.remove) {
    requireRegion(id)
    removed.add(id)
    next.removed.push(id)
  }
  if (JSON.stringify(next).length > MAX_EDITS)
    throw new ValueError(`All corrections of a task may have ${MAX_EDITS} characters of JSON: use polygons, or fewer masks.`)
  const { remove, change, parameters } = correction
  return { edits: next, changes: { removed: remove, added: added.map(({ id }) => id), changed: change, parameters } }
}

function changed(before: Edits['changed'][number] = {}, { class: name, method }: RegionChange): Edits['changed'][number] {
  const { method: kept, ...rest } = { ...before, ...(name && { class: name }) }
  const now = method === undefined ? kept : (method ?? undefined)
  return now === undefined ? rest : { ...rest, method: now }
}

/** The regions of a revision, from those that were detected. */
export function editedRegions(detected: readonly StoredRegion[], { removed, changed, added }: Edits): StoredRegion[] {
  const gone = new Set(removed)
  return [...detected, ...added].filter(({ id }) => !gone.has(id)).map(region => ({ ...region, ...changed[region.id] }))
}
