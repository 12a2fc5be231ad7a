/**
 * User administration for programs on this machine; see admin.ts. Every request needs the header `x-obscura-admin: SECRET`.
 *
 *     GET    /admin/users?customer=NAME                     -> 200 {"users": [{id, username, customer, customerId, createTime}]}
 *     POST   /admin/users {username, password, customer?}   -> 200 the user; 409 when the name is taken; the customer is made when new
 *     PUT    /admin/users/{username}/password {password}    -> 204; 404 when there is no such user
 *     DELETE /admin/users/{username}                        -> 204; 404 when there is no such user
 *
 * Errors are {"message": text}. Without the secret, or from another machine, the routes do not exist (404).
 */
import {
  addUser,
  ContractError,
  listUsers,
  type RawBody,
  readTexts,
  removeUser,
  setPassword,
  UserExistsError,
} from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { requireAdmin } from '../plugins/admin.js'
import type { ApiDependencies } from '../settings.js'

const DEFAULT_CUSTOMER = 'default'
const schema = { hide: true }

interface UserRoute {
  Params: { username: string }
  Body: RawBody
}

export function adminUserRoutes(app: FastifyInstance, { db }: ApiDependencies, secret: string): void {
  requireAdmin(app, secret)

  app.get<{ Querystring: { customer?: string } }>('/admin/users', { schema }, async request => ({
    users: await listUsers(db, request.query.customer),
  }))

  app.post<{ Body: RawBody }>('/admin/users', { schema }, async (request, reply) => {
    const { username, password, customer } = readTexts(request.body, ['username', 'password'], ['customer'])
    try {
      return await addUser(db, username, password, customer ?? DEFAULT_CUSTOMER)
    } catch (error) {
      if (error instanceof UserExistsError) return reply.code(409).send({ message: error.message })
      throw error
    }
  })

  app.put<UserRoute>('/admin/users/:username/password', { schema }, async (request, reply) => {
    const { password } = readTexts(request.body, ['password'])
    if (!(await setPassword(db, request.params.username, password))) throw new ContractError('notFound')
    return reply.code(204).send()
  })

  app.delete<UserRoute>('/admin/users/:username', { schema }, async (request, reply) => {
    if (!(await removeUser(db, request.params.username))) throw new ContractError('notFound')
    return reply.code(204).send()
  })
}
