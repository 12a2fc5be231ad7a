import { ContractError, type Db, isAdmin } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'

/** Restricts the routes of `app`, which require a token already, to administrators. */
export function requireAdmin(app: FastifyInstance, db: Db): void {
  app.addHook('onRequest', async request => {
    if (!(await isAdmin(db, request.caller.userId))) throw new ContractError('adminOnly')
  })
}
