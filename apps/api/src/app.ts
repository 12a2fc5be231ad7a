import { randomUUID } from 'node:crypto'
import cors from '@fastify/cors'
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, LogController } from 'fastify'
import { createAccess } from './access/access.js'
import { requireToken } from './plugins/authorization.js'
import { acceptAnyBody } from './plugins/bodies.js'
import { answerClientError, boundConnections, HTTP_OPTIONS } from './plugins/connections.js'
import { answerBadUrl, answerErrors } from './plugins/errors.js'
import { setSecurityHeaders } from './plugins/headers.js'
import { logRequests } from './plugins/log.js'
import { describeRoutes } from './plugins/openapi.js'
import { rememberOrigin } from './plugins/origin.js'
import { warnOfProxy } from './plugins/proxy.js'
import { traceRequests } from './plugins/tracing.js'
import { serveWebPage } from './plugins/web-page.js'
import { changePasswordRoute } from './routes/change-password.js'
import { createTaskRoute } from './routes/create-task.js'
import { deleteFilesRoute } from './routes/delete-files.js'
import { fileRoutes } from './routes/files.js'
import { getTaskRoute } from './routes/get-task.js'
import { healthRoutes } from './routes/health.js'
import { jwksRoute } from './routes/jwks.js'
import { listTasksRoute } from './routes/list-tasks.js'
import { refreshRoute } from './routes/refresh.js'
import { s3EventsRoute } from './routes/s3-events.js'
import { signInRoute } from './routes/sign-in.js'
import { signOutRoute } from './routes/sign-out.js'
import { startTaskRoute } from './routes/start-task.js'
import { taskMetadataRoute } from './routes/task-metadata.js'
import { taskStatusRoute } from './routes/task-status.js'
import { usageRoute } from './routes/usage.js'
import { webSessionRoutes } from './routes/web-session.js'
import type { ApiDependencies } from './settings.js'
import { createTaskFinder } from './task-finder.js'

/**
 * Default limit of a JSON body in bytes; unauthenticated callers only send a name and a password.
 */
const BODY_LIMIT = 64 * 1024
/** An upload may take as long as its URL is valid. */
const REQUEST_MS = 3_600_000
/** Longer than any ID in a URL, so that even those get the documented answer. */
const PARAMETER_LENGTH = 16_384

/** The v2 API, ready for `listen` or `inject`. Closing it does not close its dependencies. */
export async function buildApp(dependencies: ApiDependencies): Promise<FastifyInstance> {
  const { db, fileStore, settings, webRoot } = dependencies
  const app: FastifyInstance = fastify({
    loggerInstance: dependencies.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_MS,
    http: HTTP_OPTIONS,
    clientErrorHandler: answerClientError,
    // One proxy: entries further left in X-Forwarded-For are the client's own claim.
    trustProxy: settings.trustProxy && ((_address, hop) => hop === 0),
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: PARAMETER_LENGTH },
    frameworkErrors: (_error, _request, reply) => answerBadUrl(reply as FastifyReply),
  })
  // Schemas only describe; the contract module validates, with the documented sentences.
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => data => JSON.stringify(data))

  boundConnections(app, settings)
  traceRequests(app)
  logRequests(app)
  warnOfProxy(app, settings.trustProxy)
  answerErrors(app, settings.supportContact)
  await setSecurityHeaders(app)
  await app.register(cors, {
    origin: '*',
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'],
    allowedHeaders: ['Authorization', 'Content-Type'],
    exposedHeaders: ['ETag', 'Retry-After'],
    // OPTIONS requests without CORS headers are answered as well.
    strictPreflight: false,
    maxAge: 86_400,
  })
  await describeRoutes(app, settings.publicUrl)
  if (webRoot !== undefined) await serveWebPage(app, webRoot, settings.storeOrigin)
  acceptAnyBody(app)
  rememberOrigin(app)

  const access = createAccess(db, dependencies.log, settings.issuer)
  healthRoutes(app, dependencies)
  jwksRoute(app, access.keyring)
  signInRoute(app, dependencies, access)
  refreshRoute(app, dependencies, access)
  await app.register(async page => webSessionRoutes(page, dependencies, access))
  await app.register(async users => {
    requireToken(users, access.tokens)
    signOutRoute(users, access)
    changePasswordRoute(users, dependencies, access)
  })
  await app.register(async tasks => {
    requireToken(tasks, access.tokens)
    const findTask = createTaskFinder(db)
    createTaskRoute(tasks, dependencies)
    startTaskRoute(tasks, dependencies, findTask)
    getTaskRoute(tasks, dependencies, findTask)
    taskStatusRoute(tasks, dependencies, findTask)
    taskMetadataRoute(tasks, dependencies, findTask)
    listTasksRoute(tasks, dependencies)
    deleteFilesRoute(tasks, dependencies, findTask)
    usageRoute(tasks, dependencies)
  })
  const { s3Events } = settings
  if (s3Events) await app.register(async events => s3EventsRoute(events, dependencies, s3Events))
  if (fileStore) await app.register(async files => fileRoutes(files, dependencies, fileStore))
  return app
}
