/** What a user chooses among: parameters of a task under a name. */
import { computed, signal } from '@preact/signals'
import { session } from '../api/session.js'

/** Parameters of a task, by the names of the API. */
export type Parameters = Record<string, boolean | number | string | null>

/** Parameters with a name. */
export interface Preset {
  /** Key of its name in the texts, or a name of the user's own. */
  name: string
  parameters: Parameters
}

export const PRESETS: readonly Preset[] = [
  { name: 'street', parameters: { anonymization_method: 'blur', face: true, license_plate: true } },
  {
    name: 'dashcam',
    parameters: { anonymization_method: 'blur', face: true, license_plate: true, person: true, license_plate_threshold: 0.4 },
  },
  { name: 'panorama', parameters: { anonymization_method: 'blur', face: true, license_plate: true, person: true } },
  { name: 'faces', parameters: { anonymization_method: 'blur', face: true } },
  {
    name: 'everything',
    parameters: { anonymization_method: 'blacken', face: true, license_plate: true, person: true, vehicle: true },
  },
]

const MAX_NAME = 60

const user = computed(() => session.value?.username ?? '')

/** The parameters of the next upload; the browser remembers them for each user. */
export const parameters = remembered<Parameters>('parameters', PRESETS[0].parameters, isParameters)
/** The user's own presets. */
export const ownPresets = remembered<readonly Preset[]>(
  'presets',
  [],
  value => Array.isArray(value) && value.every(preset => typeof preset?.name === 'string' && isParameters(preset.parameters)),
)

function isParameters(value: unknown): boolean {
  return typeof (value as Parameters | null)?.anonymization_method === 'string'
}

/** A value in the browser's storage, another one for each user. */
function remembered<Value>(what: string, otherwise: Value, isValid: (value: unknown) => boolean) {
  const value = signal<Value>(otherwise)
  const key = () => `obscura.${what}.${user.value}`
  const read = () => {
    try {
      const found = JSON.parse(localStorage.getItem(key()) ?? 'null')
      return isValid(found) ? found : otherwise
    } catch {
      return otherwise
    }
  }
  user.subscribe(name => {
    if (name) value.value = read()
  })
  value.subscribe(now => {
    try {
      if (user.peek() && now !== otherwise) localStorage.setItem(key(), JSON.stringify(now))
    } catch {
      // Private windows may forbid it.
    }
  })
  return value
}

/** Saves the parameters under a name of the user's own, in the place of a preset of that name. */
export function savePreset(name: string): void {
  const given = name.trim().slice(0, MAX_NAME)
  if (given === '') return
  const others = ownPresets.value.filter(preset => preset.name !== given)
  ownPresets.value = [...others, { name: given, parameters: parameters.value }].sort((a, b) => a.name.localeCompare(b.name))
}

/** Removes a preset of the user's own. */
export function removePreset(name: string): void {
  ownPresets.value = ownPresets.value.filter(preset => preset.name !== name)
}

/** The first of some presets with exactly these parameters. */
export function presetOf(value: Parameters, presets: readonly Preset[]): Preset | undefined {
  const same = (other: Parameters) =>
    Object.keys({ ...value, ...other }).every(name => (value[name] ?? false) === (other[name] ?? false))
  return presets.find(preset => same(preset.parameters))
}
