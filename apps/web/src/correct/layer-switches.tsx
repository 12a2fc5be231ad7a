import { REGION_CLASSES } from '@obscura/contract'
import type { Region } from '../api/corrections.js'
import { hidden, toggleLayer } from '../stage/layers.js'
import { text } from '../text/index.js'

/** A switch for each class that an image has regions of. */
export function LayerSwitches({ regions }: { regions: readonly Region[] }) {
  const t = text.value
  const count = (name: string) => regions.filter(region => region.class === name).length
  return (
    <fieldset class="chips layers">
      <legend class="hidden">{t.layers}</legend>
      {REGION_CLASSES.filter(name => count(name) > 0).map(name => (
        <label key={name}>
          <input type="checkbox" checked={!hidden.value.has(name)} onChange={() => toggleLayer(name)} />
          <span class={`dot ${name}`} />
          {t.classOf[name]} ({count(name)})
        </label>
      ))}
    </fieldset>
  )
}
