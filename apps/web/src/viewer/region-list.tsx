import type { Detection } from '../api/tasks.js'
import { text } from '../text/index.js'

interface Props {
  detections: readonly Detection[]
  focus: Detection | undefined
  onFocus: (detection: Detection) => void
}

/** What was found, the least certain first; a click brings it into the middle. */
export function RegionList({ detections, focus, onFocus }: Props) {
  const t = text.value
  return (
    <section aria-label={t.regions}>
      <h2>
        {t.regions} ({detections.length})
      </h2>
      {detections.length === 0 && <p class="minor">{t.noRegions}</p>}
      <ol class="regions">
        {detections.map(detection => (
          <li key={detection.id}>
            <button type="button" aria-pressed={detection === focus} onClick={() => onFocus({ ...detection })}>
              <span class={`dot ${detection.class}`} />
              <span class="grow">{t.classOf[detection.class]}</span>
              <span>{Math.round(detection.score * 100)} %</span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  )
}
