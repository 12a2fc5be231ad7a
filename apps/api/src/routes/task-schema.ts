import type { TSchema } from 'typebox'
import { ErrorResponse, MessageResponse } from '../schemas.js'

/**
 * The schema of a task route for /openapi.json: the responses that all of them share, and its own.
 */
export function taskSchema(summary: string, success: TSchema, more: Record<string, unknown> = {}) {
  const { response, ...rest } = more
  return {
    summary,
    tags: ['tasks'],
    security: [{ accessToken: [] }],
    response: {
      200: success,
      400: ErrorResponse,
      401: MessageResponse,
      500: ErrorResponse,
      503: ErrorResponse,
      ...(response as object),
    },
    ...rest,
  }
}
