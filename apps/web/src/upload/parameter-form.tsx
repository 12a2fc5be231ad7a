import { METHODS, PARAMETERS, type ParameterInfo } from '@obscura/contract'
import { Fragment } from 'preact'
import { text } from '../text/index.js'
import { PresetChoice } from './preset-choice.js'
import { parameters } from './presets.js'

const CLASSES = ['face', 'license_plate', 'person', 'vehicle']
/** Shown above, or of no use on a page. */
const NOT_EXPERT = new Set([...CLASSES, 'anonymization_method', 'name', 'webhook', 'start_on'])

function set(name: string, value: boolean | number | string | null | undefined): void {
  const { [name]: _, ...rest } = parameters.value
  parameters.value = value === undefined ? rest : { ...rest, [name]: value }
}

/** Presets, what is looked for and how it is anonymized, and behind a fold all parameters. */
export function ParameterForm() {
  const t = text.value
  const values = parameters.value
  return (
    <section class="parameters" aria-label={t.whatToDo}>
      <h2>{t.whatToDo}</h2>
      <PresetChoice />
      <fieldset class="chips">
        <legend class="hidden">{t.whatToDo}</legend>
        {CLASSES.map(name => (
          <label key={name}>
            <input
              type="checkbox"
              checked={values[name] === true}
              onChange={event => set(name, event.currentTarget.checked || undefined)}
            />
            {t.classes[name]}
          </label>
        ))}
      </fieldset>
      <label>
        {t.method}
        <select
          value={String(values.anonymization_method)}
          onChange={event => set('anonymization_method', event.currentTarget.value)}
        >
          {METHODS.map(method => (
            <option key={method} value={method}>
              {t.methods[method]}
            </option>
          ))}
        </select>
      </label>
      <details>
        <summary>{t.expert}</summary>
        <p class="minor">{t.expertHint}</p>
        {PARAMETERS.filter(({ name }) => !NOT_EXPERT.has(name)).map(info => (
          <Parameter key={info.name} info={info} />
        ))}
      </details>
    </section>
  )
}

function Parameter({ info }: { info: ParameterInfo }) {
  const id = `parameter-${info.name}`
  return (
    <div class="parameter" title={info.description}>
      <label for={id}>
        <code>
          {info.name.split(/(?<=_)/).map(part => (
            <Fragment key={part}>
              {part}
              <wbr />
            </Fragment>
          ))}
        </code>
      </label>
      <Field id={id} info={info} />
    </div>
  )
}

/** The input that fits a parameter's type; empty or default, the parameter is not sent. */
function Field({ id, info: { name, type, values, minimum, maximum, default: standard } }: { id: string; info: ParameterInfo }) {
  const given = parameters.value[name]
  const placeholder = String(standard ?? '')
  const setText = (value: string) => set(name, value === placeholder ? undefined : value)
  if (type === 'boolean') {
    const isChecked = (given ?? standard) === true
    return (
      <input
        id={id}
        type="checkbox"
        checked={isChecked}
        onChange={event => set(name, event.currentTarget.checked || undefined)}
      />
    )
  }
  if (type === 'number') {
    const setNumber = ({ value, valueAsNumber }: HTMLInputElement) => set(name, value === '' ? undefined : valueAsNumber)
    const shown = given === undefined ? '' : Number(given)
    const range = { min: minimum, max: maximum, step: 'any', placeholder, value: shown }
    return <input id={id} type="number" {...range} onChange={event => setNumber(event.currentTarget)} />
  }
  if (!values)
    return (
      <input
        id={id}
        value={String(given ?? '')}
        placeholder={placeholder}
        onChange={event => setText(event.currentTarget.value)}
      />
    )
  return (
    <select id={id} value={String(given ?? standard)} onChange={event => setText(event.currentTarget.value)}>
      {values.map(word => (
        <option key={word}>{word}</option>
      ))}
    </select>
  )
}
