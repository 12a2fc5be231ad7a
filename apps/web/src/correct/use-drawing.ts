/** Drawing by pointer and by keys: arrows move a cross, space sets a point, Enter ends. */
import type { Point } from '@obscura/contract'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { shown } from '../stage/shown.js'
import { type Drawing, type DrawingTool, finished, inside, type Shape } from './drawing.js'

export type Tool = 'select' | 'remove' | DrawingTool

const ARROWS: Readonly<Record<string, Point>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
/** Of the cross by an arrow key, in pixels of the screen; with shift finer. */
const STEP = 16
const FINE_STEP = 2
/** Of the brush, in pixels of the screen: it follows the zoom. */
const BRUSH_RADIUS = 14
/** Points of a stroke are this far apart, in pixels of the screen. */
const STROKE_STEP = 3
/** A tap this near to the first corner closes a polygon, in pixels of the screen. */
const CLOSE = 12

/** @param onShape gets what was drawn; `onCancel` when Escape is pressed with nothing begun */
export function useDrawing(tool: Tool, onShape: (shape: Shape) => void, onCancel: () => void) {
  const [drawing, setDrawing] = useState<Drawing>()
  // Pointer events can come faster than the page is drawn.
  const now = useRef<Drawing>(undefined)
  const set = (value: Drawing | undefined) => {
    now.current = value
    setDrawing(value)
  }
  useLayoutEffect(() => set(undefined), [tool])
  if (tool === 'select' || tool === 'remove') return { drawing: undefined, pen: undefined, onKey: () => false }

  const at = (point: Point) => (shown.value ? inside(point, shown.value.image) : point)
  const end = (points: readonly Point[]) => {
    const image = shown.value?.image ?? { width: 0, height: 0 }
    const shape = finished(tool, points, { radius: brushRadius(), image })
    set(undefined)
    if (shape) onShape(shape)
  }
  const add = (point: Point) => {
    const points = [...(now.current?.points ?? []), point]
    if (tool === 'box' && points.length === 2) end(points)
    else set({ points, cursor: point })
  }
  const isClosing = (point: Point) => {
    const points = now.current?.points ?? []
    return points.length >= 3 && distance(point, points[0]) < CLOSE
  }
  const pen = {
    down: (point: Point) => {
      if (tool !== 'polygon' && !now.current?.points.length) set({ points: [at(point)], cursor: at(point) })
    },
    move: (point: Point) => {
      if (!now.current?.points.length) return
      if (tool === 'brush' && distance(point, now.current.points.at(-1)!) > STROKE_STEP) add(at(point))
      else set({ ...now.current, cursor: at(point) })
    },
    up: (point: Point) => {
      if (tool !== 'polygon') end([...(now.current?.points ?? []), at(point)])
      else if (isClosing(point)) end(now.current!.points)
      else add(at(point))
    },
    cancel: () => tool !== 'polygon' && set(undefined),
  }
  /** Whether the key was one of drawing. */
  const onKey = ({ key, shiftKey }: KeyboardEvent): boolean => {
    const cursor = now.current?.cursor ?? middle()
    const arrow = ARROWS[key]
    if (arrow) {
      const step = (shiftKey ? FINE_STEP : STEP) / (shown.value?.view.scale ?? 1)
      set({ points: now.current?.points ?? [], cursor: at([cursor[0] + arrow[0] * step, cursor[1] + arrow[1] * step]) })
    } else if (key === ' ') add(at(cursor))
    else if (key === 'Enter') end(tool === 'polygon' ? (now.current?.points ?? []) : [...(now.current?.points ?? []), at(cursor)])
    else if (key === 'Escape') {
      if (now.current) set(undefined)
      else onCancel()
    } else return false
    return true
  }
  return { drawing, pen, onKey }
}

/** In pixels of the image. */
export const brushRadius = () => BRUSH_RADIUS / (shown.value?.view.scale ?? 1)

/** In pixels of the screen. */
const distance = (a: Point, b: Point) => Math.hypot(a[0] - b[0], a[1] - b[1]) * (shown.value?.view.scale ?? 1)

function middle(): Point {
  if (!shown.value) return [0, 0]
  const { stage, view } = shown.value
  return [(stage.width / 2 - view.x) / view.scale, (stage.height / 2 - view.y) / view.scale]
}
