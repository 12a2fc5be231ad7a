/** What the stage shows, for those who draw on it; the next image of the same size begins there. */
import { signal } from '@preact/signals'
import type { Size, ViewBox } from './view-box.js'

export const shown = signal<{ image: Size; stage: Size; view: ViewBox } | undefined>(undefined)

/** The view that an image begins with, if one of its size was shown before. */
export function keptView({ width, height }: Size): ViewBox | undefined {
  const before = shown.peek()
  return before && before.image.width === width && before.image.height === height ? before.view : undefined
}
