/** Areas, corrections and reviews. */
import {
  AREA_METHODS,
  CHANGEABLE_PARAMETERS,
  MAX_AREAS,
  MAX_POINTS,
  REGION_CLASSES,
  RENDERING_STATES,
  REVIEW_STATUSES,
  TASK_PARAMETERS,
} from '@obscura/shared'
import Type, { type TSchema } from 'typebox'
import { nullableText, pair, signedUrl, taskId, time, word } from './parts.js'

const area = Type.Object({
  box: Type.Optional(Type.Array(Type.Number(), { minItems: 4, maxItems: 4, description: 'Left, top, right, bottom.' })),
  polygon: Type.Optional(Type.Array(pair, { minItems: 3, maxItems: MAX_POINTS })),
  nadir: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 45, description: 'Degrees around the lower pole.' })),
  zenith: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 45, description: 'Degrees around the upper pole.' })),
  unit: Type.Optional(word(['pixels', 'percent'])),
  method: Type.Optional(word(AREA_METHODS)),
})
export const AreasBody = Type.Object({
  areas: Type.Array(area, { maxItems: MAX_AREAS, description: 'Each has one of box, polygon, nadir and zenith.' }),
})
export const AreasResponse = AreasBody

const rowMask = Type.Object({
  top: Type.Integer({ description: 'Image row of the first entry of rows.' }),
  rows: Type.Array(Type.Array(Type.Integer()), { description: 'Of each row: first and last (exclusive) column of each run.' }),
})
const shapes = {
  polygon: Type.Optional(Type.Array(pair, { minItems: 3, maxItems: MAX_POINTS })),
  mask: Type.Optional(rowMask),
}
const box = Type.Array(Type.Number(), { minItems: 4, maxItems: 4, description: 'Left, top, right, bottom in pixels.' })

export const DetectionsResponse = Type.Object({
  task_id: taskId,
  revision: Type.Integer({ description: 'Send it as If-Match with a correction. 0: what was detected.' }),
  rendered_revision: Type.Integer({ description: 'The revision that files and metadata show.' }),
  rendering: word(RENDERING_STATES),
  width: Type.Integer(),
  height: Type.Integer(),
  regions: Type.Array(
    Type.Object({
      id: Type.Integer({ description: 'Never used for another region of the task.' }),
      class: word(REGION_CLASSES),
      score: Type.Number({ minimum: 0, maximum: 1 }),
      source: word(['detector', 'user']),
      method: Type.Optional(word(AREA_METHODS)),
      box,
      shape: word(['superellipse', 'rectangle', 'outline']),
      ...shapes,
    }),
  ),
})
export const DetectionsQuerystring = Type.Object({
  revision: Type.Optional(Type.Integer({ minimum: 0, description: 'Default: the newest.' })),
})

const id = Type.Integer({ minimum: 0 })
const regionChange = Type.Object({
  id,
  class: Type.Optional(word(REGION_CLASSES)),
  method: Type.Optional(Type.Unsafe({ enum: [...AREA_METHODS, null], description: "null: the task's method." })),
})
export const CorrectionBody = Type.Object({
  remove: Type.Optional(Type.Array(id)),
  add: Type.Optional(
    Type.Array(
      Type.Object(
        { class: word(REGION_CLASSES), method: Type.Optional(word(AREA_METHODS)), box: Type.Optional(box), ...shapes },
        { description: 'Exactly one of box, polygon and mask.' },
      ),
    ),
  ),
  change: Type.Optional(Type.Array(regionChange)),
  parameters: Type.Optional(
    Type.Object(Object.fromEntries(CHANGEABLE_PARAMETERS.map(name => [name, Type.Optional(TASK_PARAMETERS[name] as TSchema)]))),
  ),
  revert: Type.Optional(Type.Integer({ minimum: 0, description: 'Go back to this revision.' })),
})

export const CorrectedResponse = Type.Object({
  task_id: taskId,
  revision: Type.Integer({ description: 'The revision that this correction made.' }),
  rendered_revision: Type.Integer(),
  rendering: word(RENDERING_STATES),
})

export const CorrectionsResponse = Type.Object({
  task_id: taskId,
  items: Type.Array(
    Type.Object({
      revision: Type.Integer(),
      username: nullableText,
      create_time: time,
      removed: Type.Array(id),
      added: Type.Array(id),
      changed: Type.Array(regionChange),
      parameters: Type.Object({}, { additionalProperties: true }),
      reverted: Type.Optional(Type.Integer()),
    }),
  ),
})

export const ReviewResponse = Type.Object({
  task_id: taskId,
  review_status: Type.Unsafe<string | null>({ enum: [...REVIEW_STATUSES, null], description: 'null: no review was asked for.' }),
  reviewer: nullableText,
  reason: nullableText,
  review_time: nullableText,
  revision: Type.Integer(),
  rendered_revision: Type.Integer(),
  anonymized_url: signedUrl,
  binary_segmentation_mask_url: signedUrl,
  instance_segmentation_mask_url: signedUrl,
})
export const ReviewQuerystring = Type.Object({
  ahead: Type.Optional(Type.Boolean({ default: false, description: 'true: read before anybody looks; recorded as that.' })),
})
export const RejectBody = Type.Object({ reason: Type.String({ maxLength: 1000 }) })
