/** Which classes of regions are drawn over an image; kept from one image to the next. */
import type { RegionClass } from '@obscura/contract'
import { signal } from '@preact/signals'

export const hidden = signal<ReadonlySet<RegionClass>>(new Set())

/** Shows a class if it is hidden, and hides it otherwise. */
export function toggleLayer(name: RegionClass): void {
  const changed = new Set(hidden.value)
  if (!changed.delete(name)) changed.add(name)
  hidden.value = changed
}
