/** What many responses have in common. */
import Type from 'typebox'

export const nullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] })
export const taskId = Type.Integer({ description: 'Creation time in microseconds since 1970 UTC.', examples: [1690264444814157] })
export const time = Type.String({ examples: ['2023-07-25T05:54:04.814157'] })
export const word = <const Words extends readonly string[]>(words: Words) => Type.Enum([...words], { type: 'string' })
export const signedUrl = Type.Optional(Type.String({ description: 'Needs no Authorization header.' }))

/** `{status_code, error}` */
export const ErrorResponse = Type.Object({ status_code: Type.Integer(), error: Type.String() })
/** `{message}` */
export const MessageResponse = Type.Object({ message: Type.String() })
export const pair = Type.Array(Type.Number(), { minItems: 2, maxItems: 2 })
export const TaskPath = Type.Object({ id: Type.String({ description: 'task_id', examples: ['1690264444814157'] }) })
