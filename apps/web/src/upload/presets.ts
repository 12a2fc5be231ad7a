/** What a user chooses among: parameters of a task under a name. */
import { signal } from '@preact/signals'

export type Parameters = Record<string, boolean | number | string | null>

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

const STORED = 'obscura.parameters'

/** The parameters of the next upload; remembered by the browser. */
export const parameters = signal<Parameters>(stored() ?? PRESETS[0].parameters)

parameters.subscribe(value => {
  try {
    localStorage.setItem(STORED, JSON.stringify(value))
  } catch {
    // Private windows may forbid it.
  }
})

function stored(): Parameters | undefined {
  try {
    const value = JSON.parse(localStorage.getItem(STORED) ?? 'null')
    return typeof value?.anonymization_method === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/** The preset with exactly these parameters. */
export function presetOf(value: Parameters): Preset | undefined {
  const same = (other: Parameters) =>
    Object.keys({ ...value, ...other }).every(name => (value[name] ?? false) === (other[name] ?? false))
  return PRESETS.find(preset => same(preset.parameters))
}
