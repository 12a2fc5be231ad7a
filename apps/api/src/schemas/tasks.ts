/** Tasks: created, read, listed, counted. */
import {
  DOWNLOAD_URL_SECONDS,
  FAILURE_CAUSES,
  LISTED_STATUSES,
  type ModelUse,
  REVIEW_STATUSES,
  TASK_PARAMETERS,
  TASK_STATUSES,
  UPLOAD_URL_SECONDS,
  WEBHOOK_STATUSES,
} from '@obscura/shared'
import Type, { type TSchema } from 'typebox'
import { nullableText, pair, signedUrl, taskId, time, word } from './parts.js'

const { profile, ...documented } = TASK_PARAMETERS
/** The parameters as responses echo them: what is an addition only if it was set. */
const ECHOED_PARAMETERS = { ...documented, profile: Type.Optional(Type.Unsafe<string>(profile)) }

export const CreatedResponse = Type.Object(
  {
    customer_id: Type.String(),
    task_id: taskId,
    create_time: time,
    delete_time: nullableText,
    ...ECHOED_PARAMETERS,
    extraction_types: Type.Null(),
    task_status: word(TASK_STATUSES),
    webhook_status: word(WEBHOOK_STATUSES),
    upload_url: Type.String({ description: 'PUT the image here; needs no Authorization header.' }),
    upload_url_expiration_duration: Type.Integer({ examples: [UPLOAD_URL_SECONDS], description: 'Seconds.' }),
  },
  { additionalProperties: false },
)

const outcome = {
  task_status: word(TASK_STATUSES),
  failure_cause: Type.Optional(word(FAILURE_CAUSES)),
  review_status: Type.Optional(word(REVIEW_STATUSES)),
  delete_time: nullableText,
  webhook: nullableText,
  webhook_status: word(WEBHOOK_STATUSES),
  anonymized_url: signedUrl,
  anonymized_url_expiration_duration: Type.Optional(Type.Integer({ examples: [DOWNLOAD_URL_SECONDS], description: 'Seconds.' })),
  metadata_url: Type.Optional(Type.String({ description: 'Needs the Authorization header.' })),
}

export const StatusResponse = Type.Object({ task_id: taskId, ...outcome }, { additionalProperties: false })

const parametersAsText = Object.fromEntries(
  Object.entries<TSchema>(ECHOED_PARAMETERS).map(([name, schema]) => [
    name,
    'type' in schema && schema.type === 'number' ? Type.String({ description: 'A number as text.' }) : schema,
  ]),
)

export const TaskResponse = Type.Object(
  {
    task_id: Type.String({ examples: ['1690264444814157'] }),
    create_time: time,
    ...parametersAsText,
    ...outcome,
    extraction_types: Type.Array(Type.String()),
    original_url: signedUrl,
    binary_segmentation_mask_url: signedUrl,
    instance_segmentation_mask_url: signedUrl,
    progress: Type.Number({ minimum: 0, maximum: 1, description: 'An addition of Obscura.' }),
    timings: Type.Unsafe<Record<string, number> | null>({
      type: ['object', 'null'],
      additionalProperties: { type: 'number' },
      description: 'Duration of each step in milliseconds; an addition of Obscura.',
    }),
    warnings: Type.Array(Type.String(), {
      description: 'Problems with the image that did not make the task fail, as sentences; an addition of Obscura.',
      examples: [['The image data is damaged or truncated: 12 % of the image is missing and was left black.']],
    }),
    models: Type.Unsafe<ModelUse[] | null>({
      type: ['array', 'null'],
      items: Type.Object({ name: Type.String(), sha256: Type.String(), precision: Type.Optional(Type.String()) }),
      description:
        'The networks that searched the image, with the SHA-256 of their files and how they computed (float or int8); an addition of Obscura.',
    }),
  },
  { additionalProperties: false },
)

export const MetadataResponse = Type.Object({
  task_id: taskId,
  detections: Type.Array(
    Type.Object({
      score: Type.Number({ minimum: 0, maximum: 1 }),
      offset: pair,
      color: Type.Null(),
      bbox: Type.Array(Type.Number(), { minItems: 4, maxItems: 4, description: 'x1, y1, x2, y2 in pixels.' }),
      parent_image: Type.String(),
      id: Type.Integer(),
      type_label: word(['face', 'person', 'license-plate', 'vehicle']),
      type: Type.Integer(),
      is_anonymised: Type.Boolean(),
    }),
  ),
})

export const ListResponse = Type.Object({
  limit: Type.Integer(),
  count: Type.Integer(),
  next_page_key: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'null on the last page.' }),
  items: Type.Array(
    Type.Object({
      task_id: taskId,
      create_time: time,
      task_status: word(TASK_STATUSES),
      review_status: Type.Optional(word(REVIEW_STATUSES)),
    }),
  ),
})

export const OriginalResponse = Type.Object({
  task_id: taskId,
  original_url: Type.String({ description: 'Needs no Authorization header; served with Cache-Control: private, no-store.' }),
  original_url_expiration_duration: Type.Integer({ examples: [300], description: 'Seconds.' }),
})

export const PreviewResponse = Type.Unsafe<Buffer>({
  description: 'The image.',
  content: { 'image/jpeg': { schema: { type: 'string', format: 'binary' } } },
})

export const DeletedResponse = Type.Object({ files_deleted: Type.Literal(true), task_id: Type.String() })

const counts = Object.fromEntries(TASK_STATUSES.map(status => [status, Type.Integer()]))
export const UsageResponse = Type.Object({
  items: Type.Array(Type.Object({ day: Type.String({ examples: ['2023-07-25'] }), total: Type.Integer(), ...counts })),
})

const day = (description: string) => Type.Optional(Type.String({ description, examples: ['2023-07-12'] }))
const days = {
  create_time_after: day('First day, YYYY-MM-DD (UTC).'),
  create_time_before: day('Day after the last day, YYYY-MM-DD (UTC).'),
}
export const ListQuerystring = Type.Object({
  ...days,
  task_status: Type.Optional(word(LISTED_STATUSES)),
  review_status: Type.Optional(word(REVIEW_STATUSES)),
  next_page_key: Type.Optional(Type.Integer({ description: 'The last task_id of the previous page.' })),
  limit: Type.Optional(Type.Integer({ minimum: 10, maximum: 300, default: 10 })),
  order: Type.Optional(word(['oldest', 'newest'])),
})
export const UsageQuerystring = Type.Object(days)
export const TaskQuerystring = Type.Object({
  original: Type.Optional(
    Type.Boolean({ default: true, description: 'false: without original_url, which is recorded. An addition of Obscura.' }),
  ),
})
