import type { RefObject } from 'preact'
import { useLayoutEffect, useState } from 'preact/hooks'
import type { Region } from '../api/corrections.js'
import { keptView, shown } from './shown.js'
import { around, bounded, fitted, type Size, type ViewBox, zoomed } from './view-box.js'

/**
 * Which part of an image a stage shows, and what changes it.
 * @param focus brought into the middle when it changes
 */
export function useView(frame: RefObject<HTMLElement | null>, image: Size, focus: Pick<Region, 'box'> | undefined) {
  const [stage, setStage] = useState<Size>()
  const [view, setView] = useState<ViewBox>()
  const fit = () => stage && setView(fitted(image, stage))
  const zoom = (factor: number, at = { x: stage!.width / 2, y: stage!.height / 2 }) =>
    stage && setView(now => now && zoomed(now, factor, at, image, stage))
  const pan = (dx: number, dy: number) =>
    stage && setView(now => now && bounded({ ...now, x: now.x + dx, y: now.y + dy }, image, stage))
  const nativePixels = () => view && zoom(1 / devicePixelRatio / view.scale)

  useLayoutEffect(() => {
    const measure = () => {
      const size = { width: frame.current!.clientWidth, height: frame.current!.clientHeight }
      setStage(size)
      setView(now => bounded(now ?? keptView(image) ?? fitted(image, size), image, size))
    }
    // At once, because the next key may come before the next frame, and draws on what is shown.
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(frame.current!)
    return () => observer.disconnect()
  }, [image])
  useLayoutEffect(() => {
    if (stage && focus) setView(around(focus.box, image, stage))
  }, [focus])
  useLayoutEffect(() => {
    if (stage && view) shown.value = { image, stage, view }
  }, [image, stage, view])
  return {
    /** Both undefined until the stage is measured. */
    stage,
    view,
    fit,
    nativePixels,
    zoom,
    pan,
  }
}
