import { type Db, readDays, type Storage, storageOf, type UsageDay, usageByDay } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { ErrorResponse, MessageResponse, UsageQuerystring } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import { storage, UsageDaysResponse, usageDay } from './usage-schema.js'

const DESCRIPTION =
  'By the day (UTC) on which tasks ended; deleted tasks still count. Without dates: the last 30 days. Days on which nothing ended are omitted.'
const shared = {
  security: [{ accessToken: [] }],
  querystring: UsageQuerystring,
}
const schema = {
  ...shared,
  summary: 'Images, detections, time and storage by day (an addition of Obscura)',
  description: DESCRIPTION,
  tags: ['service'],
  response: { 200: UsageDaysResponse, 400: ErrorResponse, 401: MessageResponse },
}
const customer = { customer: Type.String(), customer_id: Type.String() }
const ofAll = {
  ...shared,
  summary: 'Images, detections, time and storage of all customers (an addition of Obscura)',
  description: `${DESCRIPTION} Only for administrators.`,
  tags: ['administration'],
  response: {
    200: Type.Object({
      items: Type.Array(Type.Object({ ...customer, ...usageDay })),
      storage: Type.Array(Type.Object({ ...customer, ...storage })),
    }),
    400: ErrorResponse,
    401: MessageResponse,
    403: ErrorResponse,
  },
}

const DAY_MS = 86_400_000
const DEFAULT_DAYS = 30

interface UsageRoute {
  Querystring: Record<string, unknown>
}

/** GET /v2/usage/days */
export function usageDaysRoute(app: FastifyInstance, { db }: ApiDependencies): void {
  app.get<UsageRoute>('/v2/usage/days', { schema }, async ({ query, caller }) => {
    const [stored] = await storageOf(db, caller.customerId)
    return {
      items: (await readUsage(db, query, caller.customerId)).map(shownDay),
      storage: shownStorage(stored ?? { tasks: 0, originalBytes: 0, resultBytes: 0 }),
    }
  })
}

/** GET /v2/admin/usage */
export function adminUsageRoute(app: FastifyInstance, { db }: ApiDependencies): void {
  const of = ({ customer, customerId }: UsageDay | Storage) => ({ customer, customer_id: customerId })
  app.get<UsageRoute>('/v2/admin/usage', { schema: ofAll }, async ({ query }) => ({
    items: (await readUsage(db, query)).map(day => ({ ...of(day), ...shownDay(day) })),
    storage: (await storageOf(db)).map(stored => ({ ...of(stored), ...shownStorage(stored) })),
  }))
}

/** @throws ContractError dateFormat or datesReversed */
function readUsage(db: Db, query: Record<string, unknown>, customerId?: string): Promise<UsageDay[]> {
  const { createdFrom, createdBefore } = readDays(query)
  const before = createdBefore ?? new Date(Date.now() + DAY_MS)
  return usageByDay(db, createdFrom ?? new Date(before.getTime() - DEFAULT_DAYS * DAY_MS), before, customerId)
}

function shownDay({ day, done, failed, megapixels, seconds, uploadedBytes, detections }: UsageDay) {
  return { day, done, failed, megapixels, seconds, uploaded_bytes: uploadedBytes, detections }
}

function shownStorage({ tasks, originalBytes, resultBytes }: Omit<Storage, 'customer' | 'customerId'>) {
  return { tasks, original_bytes: originalBytes, result_bytes: resultBytes }
}
