import { countTasksByDay, readDays, TASK_STATUSES } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { ErrorResponse, MessageResponse, UsageQuerystring, UsageResponse } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'

const schema = {
  summary: 'Count tasks by day and status (an addition of Obscura)',
  description: 'Without dates: the last 30 days. Days without tasks are omitted.',
  tags: ['service'],
  security: [{ accessToken: [] }],
  querystring: UsageQuerystring,
  response: { 200: UsageResponse, 400: ErrorResponse, 401: MessageResponse },
}

const DAY_MS = 86_400_000
const NONE = Object.fromEntries(TASK_STATUSES.map(status => [status, 0]))

/** GET /v2/usage */
export function usageRoute(app: FastifyInstance, { db }: ApiDependencies): void {
  app.get<{ Querystring: Record<string, unknown> }>('/v2/usage', { schema }, async request => {
    const { createdFrom, createdBefore } = readDays(request.query)
    const before = createdBefore ?? new Date(Date.now() + DAY_MS)
    const from = createdFrom ?? new Date(before.getTime() - 30 * DAY_MS)
    const days = new Map<string, Record<string, unknown> & { total: number }>()
    for (const { day, status, count } of await countTasksByDay(db, request.caller.customerId, from, before)) {
      const counts = days.get(day) ?? { day, total: 0, ...NONE }
      days.set(day, { ...counts, total: counts.total + count, [status]: count })
    }
    return { items: [...days.values()] }
  })
}
