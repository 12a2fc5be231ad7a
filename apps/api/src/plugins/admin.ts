import { ContractError } from '@obscura/shared'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ADMIN_HEADER, isAdminSecret } from '../admin.js'

/** Hides the routes of `app` (404) from whoever is on another machine or does not send the header `x-obscura-admin: SECRET`; see admin.ts. */
export function requireAdmin(app: FastifyInstance, secret: string): void {
  app.addHook('onRequest', async request => {
    if (!isLocal(request) || !isAdminSecret(secret, request.headers[ADMIN_HEADER])) throw new ContractError('notFound')
  })
}

// The socket's own addresses: what a proxy claims does not count here.
function isLocal({ raw: { socket } }: FastifyRequest): boolean {
  const { remoteAddress = '', localAddress } = socket
  return remoteAddress === localAddress || /^(::ffff:)?127\.|^::1$/.test(remoteAddress)
}
