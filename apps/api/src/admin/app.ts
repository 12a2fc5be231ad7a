import { chmod } from 'node:fs/promises'
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { acceptAnyBody } from '../plugins/bodies.js'
import { handleErrors } from '../plugins/errors.js'
import { logRequests } from '../plugins/log.js'
import type { ApiDependencies } from '../settings.js'
import { type AdminSocket, prepareAdminSocket } from './socket.js'
import { adminTaskRoutes } from './task-routes.js'
import { adminUserRoutes } from './user-routes.js'

/** Longer than any user name. */
const PARAMETER_LENGTH = 16_384

/** Serves the commands of an administrator on this machine; see socket.ts. */
export interface AdminServer {
  close(): Promise<void>
}

/**
 * Listens for commands on the socket of the data folder. Only the process that holds the lock of
 * the embedded database may call this.
 * @throws AdminSocketError, or the system's error when the folder cannot hold a socket
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

/** The server of the admin socket, not listening yet. */
export function buildAdmin(dependencies: ApiDependencies): FastifyInstance {
  const app = fastify({
    loggerInstance: dependencies.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    routerOptions: { maxParamLength: PARAMETER_LENGTH },
  }) as FastifyInstance
  logRequests(app)
  handleErrors(app, dependencies.settings.supportContact)
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
