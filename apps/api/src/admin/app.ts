import { chmod } from 'node:fs/promises'
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { acceptAnyBody } from '../plugins/bodies.js'
import { answerErrors } from '../plugins/errors.js'
import { logRequests } from '../plugins/log.js'
import type { ApiDependencies } from '../settings.js'
import { type AdminSocket, prepareAdminSocket } from './socket.js'
import { adminTaskRoutes } from './task-routes.js'
import { adminUserRoutes } from './user-routes.js'

/** Longer than any name of a user. */
const PARAMETER_LENGTH = 16_384

/** Answers the commands of an administrator on this machine; see socket.ts. */
export interface AdminServer {
  close(): Promise<void>
}

/**
 * Listens for commands on the socket of the data folder. Only for the process that has the embedded database open, which its lock says.
 * @throws AdminSocketError, or what the system says when there can be no socket in that folder
 */
export async function startAdmin(dependencies: ApiDependencies, data: string): Promise<AdminServer> {
  const socket = await prepareAdminSocket(data)
  const app = buildAdmin(dependencies)
  try {
    await app.listen({ path: socket.path })
    await chmod(socket.path, 0o600)
  } catch (error) {
    await close(app, socket)
    throw error
  }
  return { close: () => close(app, socket) }
}

/** The routes of the admin socket, not yet listening. */
export function buildAdmin(dependencies: ApiDependencies): FastifyInstance {
  const app = fastify({
    loggerInstance: dependencies.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    routerOptions: { maxParamLength: PARAMETER_LENGTH },
  }) as FastifyInstance
  logRequests(app)
  answerErrors(app, dependencies.settings.supportContact)
  acceptAnyBody(app)
  app.get('/admin', async () => ({ status: 'ok' }))
  adminUserRoutes(app, dependencies)
  adminTaskRoutes(app, dependencies)
  return app
}

async function close(app: FastifyInstance, socket: AdminSocket): Promise<void> {
  await app.close()
  await socket.release()
}
