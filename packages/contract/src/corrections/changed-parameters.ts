import { PARAMETER_SCHEMAS, type ParameterName, type TaskParameters } from '../parameters/parameters.js'
import { ValueError } from '../parameters/value-error.js'
import { readValue, type ValueRules } from '../values.js'

/**
 * Parameters that matter only after detection: an image can be rendered again with other values.
 */
const CHANGEABLE =
  /^(anonymization_method|debug|score|ignores|areas|mask_scale|quality|compress_level|kernel_size_\w+|\w+_gradient_(start|stop)|\w+_segmentation_mask)$/

/** The parameters that a correction may change. */
export const CHANGEABLE_PARAMETERS: readonly ParameterName[] = [...PARAMETER_SCHEMAS.keys()].filter(name => CHANGEABLE.test(name))

/**
 * Reads the parameters of a correction; hyphens and underscores are equivalent.
 * @throws ValueError with a sentence about the first error
 */
export function readChangedParameters(given: Record<string, unknown>, rules: ValueRules): Partial<TaskParameters> {
  const entries = Object.entries(given).map(([key, value]) => {
    const name = CHANGEABLE_PARAMETERS.find(known => known === key.replaceAll('-', '_'))
    if (name === undefined)
      throw new ValueError(
        `${key} cannot be changed without detecting again: create a new task. Changeable: ${CHANGEABLE_PARAMETERS.join(', ')}.`,
      )
    const read = readValue(name, PARAMETER_SCHEMAS.get(name)!, value, rules)
    if (read === undefined) throw new ValueError(`${key} received an unexpected value.`)
    return [name, read]
  })
  return Object.fromEntries(entries)
}
