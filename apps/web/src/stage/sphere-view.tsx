import { useEffect, useRef, useState } from 'preact/hooks'
import { text } from '../text/index.js'
import { useFirstKeys } from './keys.js'
import type { Direction, Outline, Sphere } from './sphere.js'

interface Props {
  /** A panorama of the whole sphere. */
  file: Blob | Promise<Blob>
  label: string
  outlines: readonly Outline[]
  onProblem: (message: string) => void
}

/** By a key: radians, and hundredths of the range of the zoom. */
const TURN = Math.PI / 24
const ZOOM = 10

/** Whether an image can be a panorama of the whole sphere. */
export const isSphere = ({ width, height }: { width: number; height: number }) => width === 2 * height

/** Kept from one panorama, or its original, to the next. */
let direction: Direction | undefined

/** A panorama seen from its middle, to turn by pointer and by arrow keys. */
export function SphereView({ file, label, outlines, onProblem }: Props) {
  const frame = useRef<HTMLElement>(null)
  const [sphere, setSphere] = useState<Sphere>()
  useEffect(() => {
    let isOver = false
    let opened: Sphere | undefined
    const open = async () => {
      const [{ openSphere }, blob] = await Promise.all([import('./sphere.js'), file])
      if (isOver) return
      opened = await openSphere(frame.current!, blob, direction)
      if (isOver) opened.close()
      else setSphere(opened)
    }
    open().catch(error => isOver || onProblem(error.message || text.value.noSphere))
    return () => {
      isOver = true
      setSphere(undefined)
      if (opened) direction = opened.close()
    }
  }, [file])
  useEffect(() => sphere?.outline(outlines), [sphere, outlines])
  const actions: Record<string, (sphere: Sphere) => void> = {
    ArrowLeft: ({ turn }) => turn(-TURN, 0),
    ArrowRight: ({ turn }) => turn(TURN, 0),
    ArrowUp: ({ turn }) => turn(0, TURN),
    ArrowDown: ({ turn }) => turn(0, -TURN),
    '+': ({ zoom }) => zoom(ZOOM),
    '-': ({ zoom }) => zoom(-ZOOM),
  }
  useFirstKeys(({ key }) => {
    if (sphere) actions[key]?.(sphere)
    return key in actions
  })
  return (
    <section class="sphere" aria-label={label} aria-busy={!sphere} data-state={sphere ? 'ready' : 'loading'}>
      <section ref={frame} />
    </section>
  )
}
