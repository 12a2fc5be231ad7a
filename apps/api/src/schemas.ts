/** The answers as JSON Schema, for /openapi.json and for the tests. */
import {
  DOWNLOAD_URL_SECONDS,
  FAILURE_CAUSES,
  LISTED_STATUSES,
  TASK_PARAMETERS,
  TASK_STATUSES,
  UPLOAD_URL_SECONDS,
  WEBHOOK_STATUSES,
} from '@obscura/shared'
import Type, { type TSchema } from 'typebox'

const nullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] })
const taskId = Type.Integer({ description: 'Creation time in microseconds since 1970 UTC.', examples: [1690264444814157] })
const time = Type.String({ examples: ['2023-07-25T05:54:04.814157'] })
const word = <const Words extends readonly string[]>(words: Words) => Type.Enum([...words], { type: 'string' })
const signedUrl = Type.Optional(Type.String({ description: 'Needs no Authorization header.' }))

/** `{status_code, error}` */
export const ErrorAnswer = Type.Object({ status_code: Type.Integer(), error: Type.String() })
/** `{message}` */
export const MessageAnswer = Type.Object({ message: Type.String() })

export const SignInBody = Type.Object({ username: Type.String(), password: Type.String() })
export const RefreshBody = Type.Object({ RefreshToken: Type.String() })
export const SignOutBody = Type.Object({ everywhere: Type.Optional(Type.Boolean({ default: false })) })
export const ChangePasswordBody = Type.Object({ old_password: Type.String(), new_password: Type.String() })

const Authentication = Type.Object({
  AccessToken: Type.String(),
  ExpiresIn: Type.Integer({ examples: [3600] }),
  TokenType: Type.String({ examples: ['Bearer'] }),
  RefreshToken: Type.String(),
  IdToken: Type.String(),
})
export const SignInAnswer = Type.Object({ ...Authentication.properties, AuthenticationResult: Authentication })

/** The error form of AWS Cognito. */
export const SignInError = Type.Object({
  message: Type.String(),
  code: Type.String(),
  time: Type.String(),
  requestId: Type.String(),
  statusCode: Type.Integer(),
  retryable: Type.Boolean(),
  retryDelay: Type.Number(),
})

export const CreatedAnswer = Type.Object(
  {
    customer_id: Type.String(),
    task_id: taskId,
    create_time: time,
    delete_time: nullableText,
    ...TASK_PARAMETERS,
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
  delete_time: nullableText,
  webhook: nullableText,
  webhook_status: word(WEBHOOK_STATUSES),
  anonymized_url: signedUrl,
  anonymized_url_expiration_duration: Type.Optional(Type.Integer({ examples: [DOWNLOAD_URL_SECONDS], description: 'Seconds.' })),
  metadata_url: Type.Optional(Type.String({ description: 'Needs the Authorization header.' })),
}

export const StatusAnswer = Type.Object({ task_id: taskId, ...outcome }, { additionalProperties: false })

const parametersAsText = Object.fromEntries(
  Object.entries<TSchema>(TASK_PARAMETERS).map(([name, schema]) => [
    name,
    'type' in schema && schema.type === 'number' ? Type.String({ description: 'A number as text.' }) : schema,
  ]),
)

export const TaskAnswer = Type.Object(
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
  },
  { additionalProperties: false },
)

const pair = Type.Array(Type.Number(), { minItems: 2, maxItems: 2 })

export const MetadataAnswer = Type.Object({
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

export const ListAnswer = Type.Object({
  limit: Type.Integer(),
  count: Type.Integer(),
  next_page_key: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'null on the last page.' }),
  items: Type.Array(Type.Object({ task_id: taskId, create_time: time, task_status: word(TASK_STATUSES) })),
})

export const DeletedAnswer = Type.Object({ files_deleted: Type.Literal(true), task_id: Type.String() })

const counts = Object.fromEntries(TASK_STATUSES.map(status => [status, Type.Integer()]))
export const UsageAnswer = Type.Object({
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
  next_page_key: Type.Optional(Type.Integer({ description: 'The last task_id of the previous page.' })),
  limit: Type.Optional(Type.Integer({ minimum: 10, maximum: 300, default: 10 })),
  order: Type.Optional(word(['oldest', 'newest'])),
})
export const UsageQuerystring = Type.Object(days)
export const TaskPath = Type.Object({ id: Type.String({ description: 'task_id', examples: ['1690264444814157'] }) })
