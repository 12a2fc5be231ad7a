import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { Detection } from '../api/tasks.js'
import { text } from '../text/index.js'
import { around, bounded, fitted, type Size, type ViewBox, zoomed } from './view-box.js'

interface Props {
  anonymized: string
  /** Shown over the anonymized image: left of the border, or everywhere. */
  original: string | undefined
  isWhole: boolean
  detections: readonly Detection[]
  /** Brought into the middle when it changes. */
  focus: Detection | undefined
}

const KEY_ZOOM = 1.5

/** The image, to zoom and to move; with regions and the original over it. */
export function Stage({ anonymized, original, isWhole, detections, focus }: Props) {
  const t = text.value
  const frame = useRef<HTMLDivElement>(null)
  const [image, setImage] = useState<Size>()
  const [view, setView] = useState<ViewBox>()
  const [border, setBorder] = useState(0.5)
  const drag = useRef<{ x: number; y: number }>(undefined)

  const stage = (): Size => ({ width: frame.current!.clientWidth, height: frame.current!.clientHeight })
  const middle = () => ({ x: stage().width / 2, y: stage().height / 2 })
  const zoom = (factor: number, at = middle()) => image && setView(now => now && zoomed(now, factor, at, image, stage()))

  useLayoutEffect(() => {
    if (!image) return
    const observer = new ResizeObserver(() => setView(now => (now ? bounded(now, image, stage()) : fitted(image, stage()))))
    observer.observe(frame.current!)
    return () => observer.disconnect()
  }, [image])
  useEffect(() => {
    if (image && focus) setView(around(focus.bbox, image, stage()))
  }, [focus])
  useEffect(() => {
    const keys: Record<string, () => void> = {
      '+': () => zoom(KEY_ZOOM),
      '-': () => zoom(1 / KEY_ZOOM),
      0: () => image && setView(fitted(image, stage())),
      1: () => view && zoom(1 / devicePixelRatio / view.scale),
    }
    const down = (event: KeyboardEvent) => {
      if (!(event.target as HTMLElement).matches('input, select, textarea')) keys[event.key]?.()
    }
    addEventListener('keydown', down)
    return () => removeEventListener('keydown', down)
  })
  const wheel = (event: WheelEvent) => {
    event.preventDefault()
    const { left, top } = frame.current!.getBoundingClientRect()
    zoom(Math.exp(-event.deltaY / 400), { x: event.clientX - left, y: event.clientY - top })
  }
  const move = (event: PointerEvent) => {
    if (!drag.current || !image) return
    const { x, y } = drag.current
    drag.current = { x: event.clientX, y: event.clientY }
    setView(now => now && bounded({ ...now, x: now.x + event.clientX - x, y: now.y + event.clientY - y }, image, stage()))
  }
  const placed = view && { transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` }
  // In pixels of the image: the original is cut there.
  const cut = view && image ? Math.max(0, (border * (frame.current?.clientWidth ?? 0) - view.x) / view.scale) : 0
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: buttons and keys do the same
    <div
      class="stage"
      ref={frame}
      onWheel={wheel}
      onPointerDown={event => {
        drag.current = { x: event.clientX, y: event.clientY }
        frame.current!.setPointerCapture(event.pointerId)
      }}
      onPointerMove={move}
      onPointerUp={() => (drag.current = undefined)}
      onPointerCancel={() => (drag.current = undefined)}
      onDblClick={event => zoom(2, { x: event.offsetX, y: event.offsetY })}
    >
      <img
        src={anonymized}
        alt={t.anonymized}
        draggable={false}
        style={placed}
        onLoad={event => setImage({ width: event.currentTarget.naturalWidth, height: event.currentTarget.naturalHeight })}
      />
      {original && image && (
        <img
          src={original}
          alt={t.original}
          draggable={false}
          width={image.width}
          height={image.height}
          style={{ ...placed, clipPath: isWhole ? 'none' : `inset(0 ${Math.max(0, image.width - cut)}px 0 0)` }}
        />
      )}
      {image && view && (
        <svg
          viewBox={`0 0 ${image.width} ${image.height}`}
          width={image.width * view.scale}
          height={image.height * view.scale}
          style={{ transform: `translate(${view.x}px, ${view.y}px)` }}
          aria-hidden="true"
        >
          {detections.map(({ id, class: name, bbox: [left, top, right, bottom] }) => (
            <rect
              key={id}
              class={`region ${name} ${focus?.id === id ? 'focus' : ''}`}
              x={left}
              y={top}
              width={right - left}
              height={bottom - top}
            />
          ))}
        </svg>
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
          onPointerDown={event => event.stopPropagation()}
        />
      )}
      <div class="zoom">
        <button type="button" onClick={() => image && setView(fitted(image, stage()))}>
          {t.fit}
        </button>
        <button type="button" onClick={() => view && zoom(1 / devicePixelRatio / view.scale)}>
          {t.nativePixels}
        </button>
      </div>
    </div>
  )
}
