import {
  type AdminContext,
  addUserAsAdmin,
  ContractError,
  CustomerInUseError,
  type Logger,
  listCustomers,
  listUsers,
  microsecondTime,
  NotAdministratorError,
  OwnAccountError,
  PasswordRefusedError,
  type RawBody,
  readJsonBody,
  readTexts,
  removeCustomerAsAdmin,
  removeUserAsAdmin,
  setAdminAsAdmin,
  setPasswordAsAdmin,
  setRetentionAsAdmin,
  signOutAsAdmin,
  type User,
  UserExistsError,
  UsernameRefusedError,
} from '@obscura/shared'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Access } from '../../access/access.js'
import { ErrorResponse } from '../../schemas.js'
import type { ApiDependencies } from '../../settings.js'
import { adminSchema } from './admin-schema.js'
import {
  AddUserBody,
  CustomerPath,
  CustomersResponse,
  PasswordBody,
  RetentionBody,
  SignedOutResponse,
  UserPath,
  UserResponse,
  UsersResponse,
} from './users-schema.js'

const DEFAULT_CUSTOMER = 'default'

interface UserRoute {
  Params: { username: string }
  Body: RawBody
}

const ofUser = { params: UserPath, errors: { 404: ErrorResponse } }
const ofOther = { params: UserPath, errors: { 404: ErrorResponse, 409: ErrorResponse } }

/** /v2/admin/users and /v2/admin/customers, for administrators. */
export function adminUsersRoutes(app: FastifyInstance, { db, settings }: ApiDependencies, { sessions }: Access): void {
  const contextOf = ({ caller, ip, log }: FastifyRequest): AdminContext => ({
    db,
    log: log as Logger,
    minPasswordLength: settings.minPasswordLength,
    actor: { customerId: caller.customerId, userId: caller.userId, username: caller.username, address: ip },
  })

  app.get('/v2/admin/users', { schema: adminSchema('List users', UsersResponse) }, async () => ({
    items: (await listUsers(db)).map(shown),
  }))

  const add = adminSchema('Add a user', UserResponse, { body: AddUserBody, errors: { 409: ErrorResponse } })
  app.post<{ Body: RawBody }>('/v2/admin/users', { schema: add }, async request => {
    const { username, password, customer } = readTexts(request.body, ['username', 'password'], ['customer'])
    return shown(await explained(addUserAsAdmin(contextOf(request), username, password, customer ?? DEFAULT_CUSTOMER)))
  })

  const reset = adminSchema('Set the password of a user, which ends their sessions', undefined, { ...ofUser, body: PasswordBody })
  app.put<UserRoute>('/v2/admin/users/:username/password', { schema: reset }, async (request, reply) => {
    const { password } = readTexts(request.body, ['password'])
    found(await explained(setPasswordAsAdmin(contextOf(request), request.params.username, password)), request)
    sessions.forget()
    return reply.code(204).send()
  })

  const roles = [['PUT', true, 'Make a user an administrator'] as const, ['DELETE', false, 'Make one a user again'] as const]
  for (const [method, isAdmin, summary] of roles)
    app.route<UserRoute>({
      method,
      url: '/v2/admin/users/:username/admin',
      schema: adminSchema(summary, undefined, ofOther),
      handler: async (request, reply) => {
        found(await explained(setAdminAsAdmin(contextOf(request), request.params.username, isAdmin)), request)
        return reply.code(204).send()
      },
    })

  const remove = adminSchema('Remove a user; the tasks of the customer remain', undefined, ofOther)
  app.delete<UserRoute>('/v2/admin/users/:username', { schema: remove }, async (request, reply) => {
    found(await explained(removeUserAsAdmin(contextOf(request), request.params.username)), request)
    sessions.forget()
    return reply.code(204).send()
  })

  const signOut = adminSchema('End the sessions of a user', SignedOutResponse, ofUser)
  app.delete<UserRoute>('/v2/admin/users/:username/sessions', { schema: signOut }, async request => {
    const count = found(await signOutAsAdmin(contextOf(request), request.params.username), request)
    sessions.forget()
    return { count }
  })

  app.get('/v2/admin/customers', { schema: adminSchema('List customers', CustomersResponse) }, async () => ({
    items: (await listCustomers(db)).map(({ id, name, createTime, users, tasks, retentionDays }) => ({
      ...{ customer: name, customer_id: id, users, tasks, retention_days: retentionDays },
      create_time: timeOf(createTime),
    })),
  }))

  const retention = adminSchema("Set after how many days a customer's files are deleted", undefined, {
    ...{ params: CustomerPath, body: RetentionBody, errors: { 404: ErrorResponse } },
  })
  app.put<{ Params: { id: string }; Body: RawBody }>(
    '/v2/admin/customers/:id/retention',
    { schema: retention },
    async (request, reply) => {
      const { id } = request.params
      const days = readRetention(request.body, settings.retentionDays)
      if ((await setRetentionAsAdmin(contextOf(request), id, days)) === undefined)
        throw new ContractError('customerNotFound', { id })
      return reply.code(204).send()
    },
  )

  const removal = adminSchema('Remove a customer without users and tasks', undefined, { ...ofOther, params: CustomerPath })
  app.delete<{ Params: { id: string } }>('/v2/admin/customers/:id', { schema: removal }, async (request, reply) => {
    const { id } = request.params
    const removed = await explained(removeCustomerAsAdmin(contextOf(request), id))
    if (removed === undefined) throw new ContractError('customerNotFound', { id })
    return reply.code(204).send()
  })
}

/** Days that any customer may have. */
const MAX_DAYS = 36_500

/**
 * The retention of a customer is shorter than that of the service, whose bucket deletes files too.
 * @throws ContractError retentionRefused
 */
function readRetention(body: RawBody, service: number): number | null {
  const json = readJsonBody(body)
  const days = json.kind === 'object' ? json.value.days : undefined
  const longest = service > 0 ? service : MAX_DAYS
  if (days === null || (Number.isInteger(days) && (days as number) >= 1 && (days as number) <= longest))
    return days as number | null
  throw new ContractError('retentionRefused', { cause: `The body must be {"days": ...} with 1 to ${longest}, or null.` })
}

const timeOf = (time: Date) => microsecondTime(time.getTime() * 1000)

function shown({ username, customer, customerId, isAdmin, createTime }: User) {
  return { username, customer, customer_id: customerId, is_admin: isAdmin, create_time: timeOf(createTime) }
}

/** @throws ContractError userNotFound */
function found<T>(result: T | undefined, { params }: FastifyRequest<UserRoute>): T {
  if (result === undefined) throw new ContractError('userNotFound', { username: params.username })
  return result
}

/** Errors that the administrator can mend, as responses. */
async function explained<T>(work: Promise<T>): Promise<T> {
  return work.catch(error => {
    if (error instanceof UserExistsError) throw new ContractError('userTaken', { cause: error.message })
    if (error instanceof UsernameRefusedError || error instanceof PasswordRefusedError)
      throw new ContractError('accountRefused', { cause: error.message })
    if (error instanceof NotAdministratorError) throw new ContractError('adminOnly')
    if (error instanceof OwnAccountError) throw new ContractError('ownAccount')
    if (error instanceof CustomerInUseError) throw new ContractError('customerInUse', { cause: error.message })
    throw error
  })
}
