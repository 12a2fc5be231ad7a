import type { Looks } from '../stage/looks.js'
import { text } from '../text/index.js'
import type { ViewedImage } from './image.js'
import type { Direction } from './neighbours.js'

interface Props {
  id: string
  image: ViewedImage | undefined
  canTurn: boolean
  looks: Looks
  look: (change: Partial<Looks>) => void
  onStep: (direction: Direction) => void
  onDownload: () => void
}

/** Above the image: its name, the images beside it, how it is looked at, and its download. */
export function ViewerBar({ id, image, canTurn, looks, look, onStep, onDownload }: Props) {
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
        aria-pressed={looks.isComparing}
        disabled={!hasFile || (canTurn && looks.isSphere)}
        onClick={() => look({ isComparing: !looks.isComparing })}
      >
        {t.compare}
      </button>
      <button
        type="button"
        aria-pressed={looks.isOriginal}
        disabled={!hasFile}
        onPointerDown={() => look({ isOriginal: true })}
        onPointerUp={() => look({ isOriginal: false })}
        onPointerLeave={() => look({ isOriginal: false })}
      >
        {t.blink}
      </button>
      {canTurn && (
        <button type="button" aria-pressed={looks.isSphere} onClick={() => look({ isSphere: !looks.isSphere })}>
          {t.sphere}
        </button>
      )}
      <button type="button" aria-pressed={looks.hasRegions} onClick={() => look({ hasRegions: !looks.hasRegions })}>
        {t.regions}
      </button>
      <button type="button" class="primary" disabled={!hasFile} onClick={onDownload}>
        {t.download}
      </button>
    </div>
  )
}
