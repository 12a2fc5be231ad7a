import { useState } from 'preact/hooks'
import type { DraftRegion } from './draft.js'

const NOBODY: ReadonlySet<number> = new Set()

/** Which regions are selected, and which one the stage brings into its middle. */
export function useSelection(regions: readonly DraftRegion[]) {
  const [ids, setIds] = useState(NOBODY)
  const [focus, setFocus] = useState<DraftRegion>()
  const select = (...chosen: readonly DraftRegion[]) => setIds(new Set(chosen.map(region => region.id)))
  /** Selects a region alone, and brings it into the middle. */
  const pick = (region: DraftRegion | undefined) => {
    if (!region) return
    select(region)
    setFocus({ ...region })
  }
  return {
    ids,
    regions: regions.filter(region => ids.has(region.id)),
    focus,
    select,
    pick,
    toggle(region: DraftRegion) {
      const changed = new Set(ids)
      if (!changed.delete(region.id)) changed.add(region.id)
      setIds(changed)
    },
    /** Picks the region so many places after the first selected one. */
    step(by: number) {
      const position = regions.findIndex(region => ids.has(region.id))
      pick(regions[position < 0 ? 0 : Math.min(regions.length - 1, Math.max(0, position + by))])
    },
  }
}

export type Selection = ReturnType<typeof useSelection>
