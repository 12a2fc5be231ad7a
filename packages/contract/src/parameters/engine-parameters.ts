import { type Area, parseAreas } from './areas.js'
import { type Grid, parseFormat } from './format.js'
import { type IgnoreArea, parseIgnores } from './ignores.js'
import { PARAMETER_SCHEMAS, type TaskParameters } from './parameters.js'

/**
 * The parameters of a task with `format`, `ignores` and `areas` parsed, as the engine expects them.
 */
export type EngineParameters = Omit<
  TaskParameters,
  'format' | 'ignores' | 'areas' | 'name' | 'webhook' | 'start_on' | 'review'
> & {
  format: string | Grid
  ignores: IgnoreArea[]
  areas: Area[]
}

/**
 * Converts validated task parameters for the engine. Encoder settings are rounded to the whole
 * numbers that encoders take.
 */
export function engineParameters(parameters: TaskParameters): EngineParameters {
  const { name, webhook, start_on, review, ...rest } = parameters
  return {
    ...rest,
    format: parseFormat(parameters.format) ?? 'whole',
    ignores: parseIgnores(parameters.ignores),
    // Tasks created before this parameter existed have none.
    areas: parseAreas(parameters.areas ?? ''),
    quality: Math.round(parameters.quality),
    compress_level: Math.round(parameters.compress_level),
  }
}

const DEFAULTS = Object.fromEntries([...PARAMETER_SCHEMAS].map(([name, schema]) => [name, schema.default]))

/** The documented defaults, with method `blur` and all four classes off: the caller chooses. */
export const DEFAULT_PARAMETERS: EngineParameters = engineParameters({
  ...(DEFAULTS as Omit<TaskParameters, 'anonymization_method'>),
  anonymization_method: 'blur',
})
