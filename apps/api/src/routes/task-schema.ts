import type { TSchema } from 'typebox'
import { ErrorAnswer, MessageAnswer } from '../schemas.js'

/**
 * The schema of a task route for /openapi.json: the answers that all of them share, and its own.
 */
export function taskSchema(summary: string, answer: TSchema, more: Record<string, unknown> = {}) {
  const { response, ...rest } = more
  return {
    summary,
    tags: ['tasks'],
    security: [{ accessToken: [] }],
    response: { 200: answer, 400: ErrorAnswer, 401: MessageAnswer, 500: ErrorAnswer, 503: ErrorAnswer, ...(response as object) },
    ...rest,
  }
}
