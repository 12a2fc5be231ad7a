import { useLayoutEffect, useState } from 'preact/hooks'
import type { Display } from './display.js'

/** Kept from one image to the next, but for the original that is held. */
let before: Display = { isComparing: false, isOriginal: false, hasRegions: true, isSphere: false }

/** How an image is shown, and what changes that; the original goes when the key B is let go. */
export function useDisplay(): [Display, (change: Partial<Display>) => void] {
  const [display, setDisplay] = useState(before)
  before = { ...display, isOriginal: false }
  const change = (part: Partial<Display>) => setDisplay(now => ({ ...now, ...part }))
  useLayoutEffect(() => {
    const up = (event: KeyboardEvent) => event.key.toLowerCase() === 'b' && change({ isOriginal: false })
    addEventListener('keyup', up)
    return () => removeEventListener('keyup', up)
  }, [])
  return [display, change]
}
