import type { Point } from '@obscura/contract'
import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Region } from '../api/corrections.js'
import { text } from '../text/index.js'
import type { DecodedImage } from './decoded.js'
import { type At, type Pen, useGestures } from './gestures.js'
import { useKeys } from './keys.js'
import { TileLayer } from './tile-layer.js'
import { useView } from './use-view.js'
import type { Size, ViewBox } from './view-box.js'

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
  const [border, setBorder] = useState(0.5)
  const { stage, view, fit, nativePixels, zoom, pan } = useView(frame, image, focus)
  useKeys({ '+': () => zoom(KEY_ZOOM), '-': () => zoom(1 / KEY_ZOOM), 0: fit, 1: nativePixels })
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
  const isCompared = original && !isWhole
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
          <Overlay {...{ image, view }}>{children}</Overlay>
        </>
      )}
      {isCompared && <Border at={border} onMove={setBorder} />}
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

/** SVG over the image, in its pixels. */
function Overlay({ image, view, children }: { image: Size; view: ViewBox; children: ComponentChildren }) {
  return (
    <svg
      viewBox={`0 0 ${image.width} ${image.height}`}
      width={image.width * view.scale}
      height={image.height * view.scale}
      style={{ transform: `translate(${view.x}px, ${view.y}px)` }}
      aria-hidden="true"
    >
      {children}
    </svg>
  )
}

/** Between original and result, to move by pointer and keys; `at` is 0..1 of the stage. */
function Border({ at, onMove }: { at: number; onMove: (at: number) => void }) {
  return (
    <>
      <div class="edge" style={{ left: `${at * 100}%` }} />
      <input
        type="range"
        class="border"
        min={0}
        max={1}
        step={0.001}
        value={at}
        aria-label={text.value.compareSlider}
        onInput={event => onMove(event.currentTarget.valueAsNumber)}
      />
    </>
  )
}
