/** Usage by day as JSON Schema. */
import { CLASSES } from '@obscura/shared'
import Type from 'typebox'

const count = Type.Integer({ minimum: 0 })
export const usageDay = {
  day: Type.String({ examples: ['2023-07-25'] }),
  done: count,
  failed: count,
  megapixels: Type.Number(),
  seconds: Type.Number({ description: 'Time that workers took for the done tasks.' }),
  uploaded_bytes: count,
  detections: Type.Object(Object.fromEntries(CLASSES.map(name => [name, count])), {
    description: 'As detected, without corrections.',
  }),
}
export const storage = { tasks: count, original_bytes: count, result_bytes: count }
export const UsageDaysResponse = Type.Object({ items: Type.Array(Type.Object(usageDay)), storage: Type.Object(storage) })
