import type { Point } from '@obscura/contract'
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Region } from '../api/corrections.js'
import { text } from '../text/index.js'
import type { DecodedImage } from './decoded.js'
import { type At, type Pen, useGestures } from './gestures.js'
import { useKeys } from './keys.js'
import { keptView, shown } from './shown.js'
import { TileLayer } from './tile-layer.js'
import { around, bounded, fitted, type Size, type ViewBox, zoomed } from './view-box.js'

interface Props {
  anonymized: DecodedImage
  /** Shown over the anonymized image: left of the border, or everywhere. */
  original: DecodedImage | undefined
  isWhole: boolean
  /** SVG over the image, in its pixels. */
  children: ComponentChildren
  /** Brought into the middle when it changes. */
  focus: Pick<Region, 'box'> | undefined
  /** A click or tap without a move, in pixels of the image. */
  onTap: (at: Point, event: PointerEvent) => void
  /** Draws, in pixels of the image. */
  pen?: { [Name in keyof Pen]: (at: Point) => void }
}

const KEY_ZOOM = 1.5

/** The image, to zoom and to move; with regions and the original over it. */
export function Stage({ anonymized, original, isWhole, children, focus, onTap, pen }: Props) {
  const t = text.value
  const frame = useRef<HTMLDivElement>(null)
  const image = anonymized.size
  const [stage, setStage] = useState<Size>()
  const [view, setView] = useState<ViewBox>()
  const [border, setBorder] = useState(0.5)

  const fit = () => stage && setView(fitted(image, stage))
  const zoom = (factor: number, at = { x: stage!.width / 2, y: stage!.height / 2 }) =>
    stage && setView(now => now && zoomed(now, factor, at, image, stage))
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
  useKeys({ '+': () => zoom(KEY_ZOOM), '-': () => zoom(1 / KEY_ZOOM), 0: fit, 1: nativePixels })
  const pan = (dx: number, dy: number) =>
    stage && setView(now => now && bounded({ ...now, x: now.x + dx, y: now.y + dy }, image, stage))
  const inImage = ({ x, y }: At): Point => [(x - view!.x) / view!.scale, (y - view!.y) / view!.scale]
  const gestures = useGestures(frame, {
    pan,
    zoom,
    tap: (at, event) => view && onTap(inImage(at), event),
    pen: pen &&
      view && {
        down: at => pen.down(inImage(at)),
        move: at => pen.move(inImage(at)),
        up: at => pen.up(inImage(at)),
        cancel: () => pen.cancel([0, 0]),
      },
  })
  return (
    <div class={`stage ${pen ? 'drawing' : ''}`} ref={frame} tabIndex={-1} {...gestures}>
      {stage && view && (
        <>
          <TileLayer decoded={anonymized} label={t.anonymized} {...{ view, stage }} />
          {original && (
            <TileLayer
              decoded={original}
              label={t.original}
              until={isWhole ? undefined : border * stage.width}
              {...{ view, stage }}
            />
          )}
          <svg
            viewBox={`0 0 ${image.width} ${image.height}`}
            width={image.width * view.scale}
            height={image.height * view.scale}
            style={{ transform: `translate(${view.x}px, ${view.y}px)` }}
            aria-hidden="true"
          >
            {children}
          </svg>
        </>
      )}
      {original && !isWhole && <div class="edge" style={{ left: `${border * 100}%` }} />}
      {original && !isWhole && (
        <input
          type="range"
          class="border"
          min={0}
          max={1}
          step={0.001}
          value={border}
          aria-label={t.compareSlider}
          onInput={event => setBorder(event.currentTarget.valueAsNumber)}
        />
      )}
      <div class="zoom">
        <button type="button" onClick={fit}>
          {t.fit}
        </button>
        <button type="button" onClick={nativePixels}>
          {t.nativePixels}
        </button>
      </div>
    </div>
  )
}
