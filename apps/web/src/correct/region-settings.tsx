import { AREA_METHODS, type AreaMethod, REGION_CLASSES, type RegionClass } from '@obscura/contract'
import { text } from '../text/index.js'
import type { Change, DraftRegion } from './draft.js'

interface Props {
  /** None: the settings are those of what is drawn next. */
  selected: readonly DraftRegion[]
  next: Change
  onChange: (change: Change) => void
  onRemove: () => void
}

/** Class and method of the selected regions, or of what is drawn next. */
export function RegionSettings({ selected, next, onChange, onRemove }: Props) {
  const t = text.value
  const isSame = <Value,>(of: (region: DraftRegion) => Value) => selected.every(region => of(region) === of(selected[0]))
  const shown = selected.length > 0 ? selected[0] : next
  return (
    <fieldset class="region-settings">
      <legend>{selected.length > 0 ? t.selected(selected.length) : t.drawnNext}</legend>
      <label>
        {t.classLabel}
        <select
          value={isSame(region => region.class) ? shown.class : ''}
          onChange={event => onChange({ class: event.currentTarget.value as RegionClass })}
        >
          <option value="" disabled hidden>
            –
          </option>
          {REGION_CLASSES.map(name => (
            <option key={name} value={name}>
              {t.classOf[name]}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t.method}
        <select
          value={isSame(region => region.method) ? (shown.method ?? '') : ''}
          onChange={event => onChange({ method: (event.currentTarget.value || null) as AreaMethod | null })}
        >
          <option value="">{t.methodOfTask}</option>
          {AREA_METHODS.map(method => (
            <option key={method} value={method}>
              {t.methods[method]}
            </option>
          ))}
        </select>
      </label>
      {selected.length > 0 && (
        <button type="button" class="danger" onClick={onRemove}>
          {selected.every(({ state }) => state === 'removed') ? t.restore : t.remove}
        </button>
      )}
    </fieldset>
  )
}
