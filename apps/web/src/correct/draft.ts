/** Changes of an image's regions that are not saved yet, with undo and redo. */
import type { AreaMethod, RegionChange, RegionClass } from '@obscura/contract'
import type { CorrectionBody, NewRegion, Region } from '../api/corrections.js'
import { boxOfMask } from './brush.js'

/** Changes that are not saved. */
export interface Draft {
  remove: readonly number[]
  /** New regions have negative IDs until they are saved. */
  add: readonly (NewRegion & { id: number })[]
  change: readonly RegionChange[]
}

/** A draft with what undo and redo lead to. */
export interface History {
  past: readonly Draft[]
  now: Draft
  future: readonly Draft[]
}

/** What is changed of regions; `method` null: the task's. */
export interface Change {
  class?: RegionClass
  method?: AreaMethod | null
}

/** A region as it will be, and what happens to it when the draft is saved. */
export interface DraftRegion extends Region {
  state: 'kept' | 'removed' | 'changed' | 'added'
}

export const NO_DRAFT: Draft = { remove: [], add: [], change: [] }
export const NO_HISTORY: History = { past: [], now: NO_DRAFT, future: [] }

export const isEmpty = ({ remove, add, change }: Draft) => remove.length + add.length + change.length === 0

export const edited = ({ past, now }: History, draft: Draft): History =>
  draft === now ? { past, now, future: [] } : { past: [...past, now], now: draft, future: [] }

/** The history after undo. */
export function undone({ past, now, future }: History): History {
  if (past.length === 0) return { past, now, future }
  return { past: past.slice(0, -1), now: past.at(-1)!, future: [now, ...future] }
}

/** The history after redo. */
export function redone({ past, now, future }: History): History {
  if (future.length === 0) return { past, now, future }
  return { past: [...past, now], now: future[0], future: future.slice(1) }
}

/** The draft with a drawn region. */
export function withRegion(draft: Draft, region: NewRegion): Draft {
  const id = Math.min(0, ...draft.add.map(added => added.id)) - 1
  return { ...draft, add: [...draft.add, { ...region, id }] }
}

/** Removes regions; if all of them are removed already, brings them back. */
export function withoutRegions(draft: Draft, ids: readonly number[]): Draft {
  const saved = ids.filter(id => id >= 0)
  const isAllRemoved = saved.length === ids.length && saved.every(id => draft.remove.includes(id))
  const others = draft.remove.filter(id => !saved.includes(id))
  return {
    remove: isAllRemoved ? others : [...others, ...saved],
    add: draft.add.filter(({ id }) => !ids.includes(id)),
    change: draft.change.filter(({ id }) => !ids.includes(id)),
  }
}

/** The draft with a change of the class or method of regions. */
export function withChange(draft: Draft, ids: readonly number[], change: Change): Draft {
  const saved = ids.filter(id => id >= 0 && !draft.remove.includes(id))
  const changed = saved.map(id => ({ ...draft.change.find(known => known.id === id), ...change, id }))
  return {
    ...draft,
    add: draft.add.map(region => (ids.includes(region.id) ? { ...region, ...plain(change) } : region)),
    change: [...draft.change.filter(({ id }) => !saved.includes(id)), ...changed],
  }
}

/** The draft on regions that somebody else has changed: what concerns vanished ones is dropped. */
export function onRegions(draft: Draft, regions: readonly Region[]): Draft {
  const exists = (id: number) => regions.some(region => region.id === id)
  return { ...draft, remove: draft.remove.filter(exists), change: draft.change.filter(({ id }) => exists(id)) }
}

/** All regions as the draft leaves them, removed ones included. */
export function draftRegions(regions: readonly Region[], draft: Draft): DraftRegion[] {
  const old = regions.map((region): DraftRegion => {
    if (draft.remove.includes(region.id)) return { ...region, state: 'removed' }
    const change = draft.change.find(({ id }) => id === region.id)
    return change ? { ...region, ...plain(change), state: 'changed' } : { ...region, state: 'kept' }
  })
  const added = draft.add.map((region): DraftRegion => {
    const shape = region.box ? 'rectangle' : 'outline'
    const box = region.box ?? (region.mask ? boxOfMask(region.mask) : around(region.polygon!))
    return { ...region, box, score: 1, source: 'user', shape, state: 'added' }
  })
  return [...old, ...added]
}

/** The draft as a correction for the API. */
export function correctionBody({ remove, add, change }: Draft): CorrectionBody {
  return {
    ...(remove.length > 0 && { remove: [...remove] }),
    ...(add.length > 0 && { add: add.map(({ id, ...region }) => region) }),
    ...(change.length > 0 && { change: [...change] }),
  }
}

function plain({ method, ...change }: Change) {
  return method === undefined ? change : { ...change, method: method ?? undefined }
}

function around(points: NonNullable<NewRegion['polygon']>): Region['box'] {
  const [xs, ys] = [0, 1].map(axis => points.map(point => point[axis]))
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
}
