import type { TSchema } from 'typebox'
import { ErrorResponse, MessageResponse } from '../../schemas.js'

/** The schema of a route for administrators; without `response` it responds with 204. */
export function adminSchema(summary: string, response?: TSchema, more: Record<string, unknown> = {}) {
  const { errors, ...rest } = more
  return {
    summary: `${summary} (an addition of Obscura)`,
    description: 'Only for administrators.',
    tags: ['administration'],
    security: [{ accessToken: [] }],
    response: {
      ...(response ? { 200: response } : { 204: { type: 'null', description: 'Done.' } }),
      ...{ 400: ErrorResponse, 401: MessageResponse, 403: ErrorResponse },
      ...(errors as object),
    },
    ...rest,
  }
}
