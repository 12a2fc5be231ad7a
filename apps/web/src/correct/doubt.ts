/** Which regions a reviewer should look at first, and which one lies under the pointer. */
import type { Region } from '../api/corrections.js'

const area = ([left, top, right, bottom]: Region['box']) => Math.max(0, right - left) * Math.max(0, bottom - top)

/** The least certain first; of equally uncertain ones, the largest. */
export function byDoubt<Any extends Region>(regions: readonly Any[]): Any[] {
  const largest = Math.max(1, ...regions.map(({ box }) => area(box)))
  const doubt = ({ score, box }: Region) => (1 - score) * (1 + Math.sqrt(area(box) / largest))
  return [...regions].sort((a, b) => doubt(b) - doubt(a) || area(b.box) - area(a.box) || a.id - b.id)
}

/** The smallest region whose box holds a point. */
export function regionAt<Any extends Region>(regions: readonly Any[], [x, y]: readonly number[]): Any | undefined {
  const hit = regions.filter(({ box: [left, top, right, bottom] }) => x >= left && x <= right && y >= top && y <= bottom)
  return hit.sort((a, b) => area(a.box) - area(b.box))[0]
}
