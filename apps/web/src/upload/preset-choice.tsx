import { useState } from 'preact/hooks'
import { text } from '../text/index.js'
import { ownPresets, PRESETS, parameters, presetOf, removePreset, savePreset } from './presets.js'

/** The presets of the page and the user's own, which can be saved and removed here. */
export function PresetChoice() {
  const t = text.value
  const [name, setName] = useState('')
  const own = presetOf(parameters.value, ownPresets.value)
  const given = presetOf(parameters.value, PRESETS)
  const choices = [
    ...PRESETS.map(preset => ({ ...preset, value: `given ${preset.name}`, title: t.presets[preset.name] })),
    ...ownPresets.value.map(preset => ({ ...preset, value: `own ${preset.name}`, title: preset.name })),
  ]
  const save = (event: SubmitEvent) => {
    event.preventDefault()
    savePreset(name)
    setName('')
  }
  return (
    <>
      <label>
        {t.preset}
        <select
          value={own ? `own ${own.name}` : given ? `given ${given.name}` : ''}
          onChange={event => {
            const chosen = choices.find(({ value }) => value === event.currentTarget.value)
            if (chosen) parameters.value = chosen.parameters
          }}
        >
          {choices.map(({ value, title }) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
          <option value="" disabled>
            {t.ownPreset}
          </option>
        </select>
      </label>
      {own && (
        <button type="button" onClick={() => removePreset(own.name)}>
          {t.removePreset(own.name)}
        </button>
      )}
      {!own && !given && (
        <form class="row" onSubmit={save}>
          <input
            class="grow"
            aria-label={t.presetName}
            placeholder={t.presetName}
            maxLength={60}
            value={name}
            onInput={event => setName(event.currentTarget.value)}
          />
          <button type="submit" disabled={name.trim() === ''}>
            {t.savePreset}
          </button>
        </form>
      )}
    </>
  )
}
