import { randomUUID } from 'node:crypto'
import cors from '@fastify/cors'
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, LogController } from 'fastify'
import { createAccess } from './access/access.js'
import { requireAdmin } from './plugins/administrators.js'
import { requireToken } from './plugins/authorization.js'
import { acceptAnyBody } from './plugins/bodies.js'
import { boundConnections, HTTP_OPTIONS, handleClientError } from './plugins/connections.js'
import { handleErrors, rejectBadUrl } from './plugins/errors.js'
import { setSecurityHeaders } from './plugins/headers.js'
import { readLargeBodiesInTurn } from './plugins/large-bodies.js'
import { logRequests } from './plugins/log.js'
import { describeRoutes } from './plugins/openapi.js'
import { rememberOrigin } from './plugins/origin.js'
import { warnOfProxy } from './plugins/proxy.js'
import { traceRequests } from './plugins/tracing.js'
import { boundUnsentResponses } from './plugins/unsent-responses.js'
import { serveWebPage } from './plugins/web-page.js'
import { auditRoute } from './routes/admin/audit.js'
import { adminServiceRoute } from './routes/admin/service.js'
import { adminUsersRoutes } from './routes/admin/users.js'
import { changePasswordRoute } from './routes/change-password.js'
import { correctionsRoutes } from './routes/corrections.js'
import { createTaskRoute } from './routes/create-task.js'
import { defaultAreasRoutes } from './routes/default-areas.js'
import { deleteFilesRoute } from './routes/delete-files.js'
import { detectionsRoute } from './routes/detections.js'
import { exportRoute } from './routes/export.js'
import { fileRoutes } from './routes/files.js'
import { getTaskRoute } from './routes/get-task.js'
import { healthRoutes } from './routes/health.js'
import { jwksRoute } from './routes/jwks.js'
import { listTasksRoute } from './routes/list-tasks.js'
import { logoRoutes } from './routes/logo.js'
import { originalRoute } from './routes/original.js'
import { previewRoute } from './routes/preview.js'
import { createChecks } from './routes/readiness.js'
import { refreshRoute } from './routes/refresh.js'
import { createRegionsReader } from './routes/regions-reader.js'
import { reviewRoutes } from './routes/review.js'
import { s3EventsRoute } from './routes/s3-events.js'
import { signInRoute } from './routes/sign-in.js'
import { signOutRoute } from './routes/sign-out.js'
import { startTaskRoute } from './routes/start-task.js'
import { taskMetadataRoute } from './routes/task-metadata.js'
import { taskStatusRoute } from './routes/task-status.js'
import { usageRoute } from './routes/usage.js'
import { adminUsageRoute, usageDaysRoute } from './routes/usage-days.js'
import { webSessionRoutes } from './routes/web-session.js'
import type { ApiDependencies } from './settings.js'
import { createTaskFinder } from './task-finder.js'

/**
 * Default limit of a JSON body in bytes; unauthenticated callers only send a name and a password.
 */
const BODY_LIMIT = 64 * 1024
/** An upload may take as long as its URL is valid. */
const REQUEST_MS = 3_600_000
/** Longer than any ID in a URL, so that even those get the documented response. */
const PARAMETER_LENGTH = 16_384

/** The v2 API, ready for `listen` or `inject`. Closing it does not close its dependencies. */
export async function buildApp(dependencies: ApiDependencies): Promise<FastifyInstance> {
  const { settings, webRoot } = dependencies
  const app: FastifyInstance = fastify({
    loggerInstance: dependencies.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_MS,
    http: HTTP_OPTIONS,
    clientErrorHandler: handleClientError,
    // One proxy: entries further left in X-Forwarded-For are the client's own claim.
    trustProxy: settings.trustProxy && ((_address, hop) => hop === 0),
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: PARAMETER_LENGTH },
    frameworkErrors: (_error, _request, reply) => rejectBadUrl(reply as FastifyReply),
  })
  // Schemas only describe; the contract module validates, with the documented sentences.
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => data => JSON.stringify(data))

  boundConnections(app, settings)
  boundUnsentResponses(app, settings.uploads.pace.idleMs)
  traceRequests(app)
  logRequests(app)
  warnOfProxy(app, settings.trustProxy)
  handleErrors(app, settings.supportContact)
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

  await addRoutes(app, dependencies)
  return app
}

async function addRoutes(app: FastifyInstance, dependencies: ApiDependencies): Promise<void> {
  const { db, fileStore, settings } = dependencies
  const access = createAccess(db, dependencies.log, settings.issuer)
  const checks = createChecks(dependencies)
  healthRoutes(app, dependencies, access.tokens, checks)
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
    readLargeBodiesInTurn(tasks, settings.maxConnections)
    const findTask = createTaskFinder(db)
    createTaskRoute(tasks, dependencies)
    startTaskRoute(tasks, dependencies, findTask)
    getTaskRoute(tasks, dependencies, findTask)
    taskStatusRoute(tasks, dependencies, findTask)
    taskMetadataRoute(tasks, dependencies, findTask)
    listTasksRoute(tasks, dependencies)
    deleteFilesRoute(tasks, dependencies, findTask)
    usageRoute(tasks, dependencies)
    usageDaysRoute(tasks, dependencies)
    defaultAreasRoutes(tasks, dependencies)
    logoRoutes(tasks, dependencies)
    const readDetected = createRegionsReader(dependencies)
    detectionsRoute(tasks, dependencies, findTask, readDetected)
    correctionsRoutes(tasks, dependencies, findTask)
    reviewRoutes(tasks, dependencies, findTask)
    originalRoute(tasks, dependencies, findTask)
    previewRoute(tasks, dependencies, findTask)
    exportRoute(tasks, dependencies, findTask, readDetected)
  })
  await app.register(async administration => {
    requireToken(administration, access.tokens)
    requireAdmin(administration, db)
    auditRoute(administration, dependencies)
    adminUsageRoute(administration, dependencies)
    adminUsersRoutes(administration, dependencies, access)
    adminServiceRoute(administration, dependencies, checks)
  })
  const { s3Events } = settings
  if (s3Events) await app.register(async events => s3EventsRoute(events, dependencies, s3Events))
  if (fileStore) await app.register(async files => fileRoutes(files, dependencies, fileStore))
}
