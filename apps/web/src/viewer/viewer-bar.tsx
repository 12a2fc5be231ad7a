import type { Display } from '../stage/display.js'
import { text } from '../text/index.js'
import type { ViewedImage } from './image.js'
import type { Direction } from './neighbours.js'

interface Props {
  id: string
  image: ViewedImage | undefined
  canTurn: boolean
  display: Display
  onDisplay: (change: Partial<Display>) => void
  onStep: (direction: Direction) => void
  onDownload: () => void
}

/** Above the image: its name, the images beside it, how it is shown, and its download. */
export function ViewerBar({ id, image, canTurn, display, onDisplay, onStep, onDownload }: Props) {
  const t = text.value
  const name = image?.task.name || `#${id}`
  const hasFile = image?.file !== undefined
  return (
    <div class="row bar">
      <a class="button" href="#/images">
        {t.back}
      </a>
      <h1 title={name}>{name}</h1>
      <span class="grow" />
      <button type="button" aria-label={t.previous} title={t.previous} onClick={() => onStep('newer')}>
        ←
      </button>
      <button type="button" aria-label={t.next} title={t.next} onClick={() => onStep('older')}>
        →
      </button>
      <button
        type="button"
        aria-pressed={display.isComparing}
        disabled={!hasFile || (canTurn && display.isSphere)}
        onClick={() => onDisplay({ isComparing: !display.isComparing })}
      >
        {t.compare}
      </button>
      <button
        type="button"
        aria-pressed={display.isOriginal}
        disabled={!hasFile}
        onPointerDown={() => onDisplay({ isOriginal: true })}
        onPointerUp={() => onDisplay({ isOriginal: false })}
        onPointerLeave={() => onDisplay({ isOriginal: false })}
      >
        {t.blink}
      </button>
      {canTurn && (
        <button type="button" aria-pressed={display.isSphere} onClick={() => onDisplay({ isSphere: !display.isSphere })}>
          {t.sphere}
        </button>
      )}
      <button type="button" aria-pressed={display.hasRegions} onClick={() => onDisplay({ hasRegions: !display.hasRegions })}>
        {t.regions}
      </button>
      <button type="button" class="primary" disabled={!hasFile} onClick={onDownload}>
        {t.download}
      </button>
    </div>
  )
}
