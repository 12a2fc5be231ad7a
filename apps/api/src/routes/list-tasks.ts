import { createTime, listTasks, readListQuery } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { ListQuerystring, ListResponse } from '../schemas.js'
import type { ApiDependencies } from '../settings.js'
import { taskSchema } from './task-schema.js'

const schema = taskSchema('List tasks, oldest first', ListResponse, {
  description: 'At least one of create_time_after and create_time_before is required.',
  querystring: ListQuerystring,
})

/** GET /v2/task/list */
export function listTasksRoute(app: FastifyInstance, { db }: ApiDependencies): void {
  app.get<{ Querystring: Record<string, unknown> }>('/v2/task/list', { schema }, async request => {
    const { limit, ...filter } = readListQuery(request.query)
    // One more than the page, to see whether there is another page.
    const tasks = await listTasks(db, request.caller.customerId, { ...filter, limit: limit + 1 })
    const page = tasks.slice(0, limit)
    return {
      limit,
      count: page.length,
      next_page_key: tasks.length > limit ? page[limit - 1].id : null,
      items: page.map(({ id, status, reviewStatus }) => ({
        ...{ task_id: id, create_time: createTime(id), task_status: status },
        ...(reviewStatus && { review_status: reviewStatus }),
      })),
    }
  })
}
