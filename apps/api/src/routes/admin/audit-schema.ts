/** The audit log as JSON Schema. */
import { ADMIN_ACTIONS, type AdminAction, type LookAction } from '@obscura/shared'
import Type from 'typebox'
import { nullableText, time } from '../../schemas.js'

export const AuditResponse = Type.Object({
  items: Type.Array(
    Type.Object({
      id: Type.Integer(),
      time,
      action: Type.Unsafe<LookAction | AdminAction>({
        enum: ['original', 'original_url', 'held_back', 'read_ahead', ...ADMIN_ACTIONS],
        description:
          'A look at an original, a long-lived URL of it in GET task, or results that a review holds back (read_ahead: before anybody looks at them); otherwise a change by an administrator.',
      }),
      customer: nullableText,
      customer_id: Type.String(),
      username: Type.String(),
      task_id: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'Of a look.' }),
      subject: Type.Unsafe<string | null>({ type: ['string', 'null'], description: 'The user or customer that was changed.' }),
      address: Type.String(),
    }),
  ),
  next_page_key: Type.Unsafe<number | null>({ type: ['integer', 'null'] }),
})
export const AuditQuerystring = Type.Object({
  task_id: Type.Optional(Type.Integer()),
  next_page_key: Type.Optional(Type.Integer({ description: 'The value of the previous page.' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
})
