/**
 * User administration for programs on this machine; see socket.ts.
 *
 *     GET    /admin/users?customer=NAME
 *            -> 200 {"users": [{id, username, customer, customerId, createTime}]}
 *     POST   /admin/users {username, password, customer?}
 *            -> 200 the user; 409 when the name is taken; creates a missing customer
 *     PUT    /admin/users/{username}/password {password}
 *            -> 204; 404 when the user does not exist
 *     PUT    /admin/users/{username}/admin, DELETE the same
 *            -> 204, an administrator or no longer; 404 when the user does not exist; 409 for the
 *            only administrator
 *     DELETE /admin/users/{username}
 *            -> 204; 404 when the user does not exist; 409 for the only administrator
 *     DELETE /admin/users/{username}/sessions
 *            -> 200 {"count": how many ended}; 404 when the user does not exist
 *     DELETE /admin/sessions
 *            -> 200 {"count": how many ended}
 *
 * Errors are {"message": text}; 400 when the name or the password is refused.
 */
import {
  addUserAsAdmin,
  ContractError,
  LastAdministratorError,
  type Logger,
  listUsers,
  PasswordRefusedError,
  type RawBody,
  readTexts,
  removeUserAsAdmin,
  setAdminAsAdmin,
  setPasswordAsAdmin,
  signOutAsAdmin,
  UserExistsError,
  UsernameRefusedError,
} from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import type { ApiDependencies } from '../settings.js'

const DEFAULT_CUSTOMER = 'default'

interface UserRoute {
  Params: { username: string }
  Body: RawBody
}

/** Routes of the admin socket for `obscura user`. */
export function adminUserRoutes(app: FastifyInstance, { db, settings }: ApiDependencies): void {
  const { minPasswordLength } = settings
  const administration = ({ log }: { log: unknown }) => ({ db, log: log as Logger, minPasswordLength })
  const found = <T>(result: T | undefined): T => {
    if (result === undefined) throw new ContractError('notFound')
    return result
  }

  app.get<{ Querystring: { customer?: string } }>('/admin/users', async request => ({
    users: await listUsers(db, request.query.customer),
  }))

  app.post<{ Body: RawBody }>('/admin/users', async request => {
    const { username, password, customer } = readTexts(request.body, ['username', 'password'], ['customer'])
    return withHttpErrors(addUserAsAdmin(administration(request), username, password, customer ?? DEFAULT_CUSTOMER))
  })

  app.put<UserRoute>('/admin/users/:username/password', async (request, reply) => {
    const { password } = readTexts(request.body, ['password'])
    found(await withHttpErrors(setPasswordAsAdmin(administration(request), request.params.username, password)))
    return reply.code(204).send()
  })

  for (const [method, isAdmin] of [['PUT', true] as const, ['DELETE', false] as const])
    app.route<UserRoute>({
      method,
      url: '/admin/users/:username/admin',
      handler: async (request, reply) => {
        found(await withHttpErrors(setAdminAsAdmin(administration(request), request.params.username, isAdmin)))
        return reply.code(204).send()
      },
    })

  app.delete<UserRoute>('/admin/users/:username', async (request, reply) => {
    found(await withHttpErrors(removeUserAsAdmin(administration(request), request.params.username)))
    return reply.code(204).send()
  })

  app.delete<UserRoute>('/admin/users/:username/sessions', async request => ({
    count: found(await signOutAsAdmin(administration(request), request.params.username)),
  }))

  app.delete('/admin/sessions', async request => ({ count: await signOutAsAdmin(administration(request)) }))
}

/** Converts an error that the operator can mend into an API error. */
async function withHttpErrors<T>(work: Promise<T>): Promise<T> {
  return work.catch(error => {
    if (error instanceof UserExistsError || error instanceof LastAdministratorError)
      throw new ContractError('userConflict', { cause: error.message })
    if (error instanceof UsernameRefusedError || error instanceof PasswordRefusedError)
      throw new ContractError('userRefused', { cause: error.message })
    throw error
  })
}
