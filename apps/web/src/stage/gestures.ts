/** Pointers on a stage: drag moves, two fingers zoom, a tap picks, and a pen draws. */
import type { RefObject } from 'preact'
import { useRef } from 'preact/hooks'

/** In pixels of the stage. */
export interface At {
  x: number
  y: number
}

/** Takes the single pointer instead of moving and picking. */
export interface Pen {
  down(at: At): void
  move(at: At): void
  up(at: At): void
  /** A second finger has come: it was not a drawing. */
  cancel(): void
}

interface Gestures {
  pan(dx: number, dy: number): void
  zoom(factor: number, at: At): void
  tap?: (at: At, event: PointerEvent) => void
  pen?: Pen
}

/** Moves farther than this are not a tap, in pixels. */
const MAX_TAP = 4

/** The handlers for the element of a stage. */
export function useGestures(frame: RefObject<HTMLElement | null>, { pan, zoom, tap, pen }: Gestures) {
  const pointers = useRef(new Map<number, At>())
  const start = useRef<At>(undefined)
  const at = (event: PointerEvent | WheelEvent): At => {
    const { left, top } = frame.current!.getBoundingClientRect()
    return { x: event.clientX - left, y: event.clientY - top }
  }
  const leave = (event: PointerEvent) => pointers.current.delete(event.pointerId)
  return {
    onWheel(event: WheelEvent) {
      event.preventDefault()
      zoom(Math.exp(-event.deltaY / 400), at(event))
    },
    onPointerDown(event: PointerEvent) {
      if (event.button !== 0 || (event.target as Element).closest('button, input, select, a')) return
      frame.current!.setPointerCapture(event.pointerId)
      pointers.current.set(event.pointerId, at(event))
      if (pointers.current.size === 1) {
        start.current = at(event)
        pen?.down(at(event))
      } else {
        start.current = undefined
        pen?.cancel()
      }
    },
    onPointerMove(event: PointerEvent) {
      const before = pointers.current.get(event.pointerId)
      const now = at(event)
      if (!before) return pen?.move(now)
      const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1]
      pointers.current.set(event.pointerId, now)
      if (other) {
        const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 }
        zoom(distance(now, other) / Math.max(1, distance(before, other)), middle)
        pan((now.x - before.x) / 2, (now.y - before.y) / 2)
      } else if (pen) {
        if (start.current) pen.move(now)
      } else pan(now.x - before.x, now.y - before.y)
      if (start.current && distance(start.current, now) > MAX_TAP && !pen) start.current = undefined
    },
    onPointerUp(event: PointerEvent) {
      if (!leave(event) || !start.current) return
      if (pen) pen.up(at(event))
      else tap?.(at(event), event)
      start.current = undefined
    },
    onPointerCancel(event: PointerEvent) {
      if (leave(event)) pen?.cancel()
    },
  }
}

const distance = (a: At, b: At) => Math.hypot(a.x - b.x, a.y - b.y)
