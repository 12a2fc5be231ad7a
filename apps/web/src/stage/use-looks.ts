import { useLayoutEffect, useState } from 'preact/hooks'
import type { Looks } from './looks.js'

/** Kept from one image to the next, but for the original that is held. */
let before: Looks = { isComparing: false, isOriginal: false, hasRegions: true, isSphere: false }

/** How an image is looked at, and what changes it; the original goes when the key B is let go. */
export function useLooks(): [Looks, (change: Partial<Looks>) => void] {
  const [looks, setLooks] = useState(before)
  before = { ...looks, isOriginal: false }
  const look = (change: Partial<Looks>) => setLooks(now => ({ ...now, ...change }))
  useLayoutEffect(() => {
    const up = (event: KeyboardEvent) => event.key.toLowerCase() === 'b' && look({ isOriginal: false })
    addEventListener('keyup', up)
    return () => removeEventListener('keyup', up)
  }, [])
  return [looks, look]
}
