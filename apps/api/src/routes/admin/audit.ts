import { ContractError, listLooks, microsecondTime, readTaskId } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { ErrorResponse, MessageResponse } from '../../schemas.js'
import type { ApiDependencies } from '../../settings.js'
import { AuditQuerystring, AuditResponse } from './audit-schema.js'

const schema = {
  summary: 'List who looked at which original, and what administrators changed (an addition of Obscura)',
  description: 'Of all customers, newest first; only for administrators.',
  tags: ['administration'],
  security: [{ accessToken: [] }],
  querystring: AuditQuerystring,
  response: { 200: AuditResponse, 400: ErrorResponse, 401: MessageResponse, 403: ErrorResponse },
}

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1000

/** GET /v2/admin/audit */
export function auditRoute(app: FastifyInstance, { db }: ApiDependencies): void {
  app.get<{ Querystring: Record<string, unknown> }>('/v2/admin/audit', { schema }, async ({ query }) => {
    const limit = Math.min(MAX_LIMIT, Math.max(1, readNumber(query.limit) ?? DEFAULT_LIMIT))
    const items = await listLooks(db, { limit, before: readNumber(query.next_page_key), taskId: readNumber(query.task_id) })
    return {
      items: items.map(({ id, time, action, customer, customerId, username, taskId, subject, address }) => ({
        ...{ id, action, customer, username, subject, address },
        time: microsecondTime(time.getTime() * 1000),
        customer_id: customerId,
        task_id: taskId,
      })),
      next_page_key: items.length === limit ? items.at(-1)!.id : null,
    }
  })
}

/** @throws ContractError pageKeyFormat */
function readNumber(given: unknown): number | undefined {
  if (given === undefined) return undefined
  const number = readTaskId(String(given))
  if (number === undefined || Number.isNaN(number)) throw new ContractError('pageKeyFormat')
  return number
}
