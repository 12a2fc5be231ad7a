import type { FileStore } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { answerAsS3 } from '../plugins/s3-errors.js'
import type { ApiDependencies } from '../settings.js'
import { downloadFileRoute } from './download-file.js'
import { uploadFileRoute } from './upload-file.js'

/** The embedded store's signed URLs, which answer as S3 would. No access token: the URL is the permission. */
export function fileRoutes(app: FastifyInstance, dependencies: ApiDependencies, files: FileStore): void {
  const { uploadMaxBytes } = dependencies.settings
  app.removeAllContentTypeParsers()
  // The body stays in the socket until a route reads it.
  app.addContentTypeParser('*', (_request, _body, done) => done(null))
  app.setErrorHandler(answerAsS3)
  app.server.on('checkContinue', (request, response) => {
    // Too large: no "go on", and the client that asked need not send it at all.
    if (!(Number(request.headers['content-length']) > uploadMaxBytes)) {
      response.writeContinue()
      delete request.headers.expect
    }
    app.server.emit('request', request, response)
  })
  uploadFileRoute(app, dependencies, files)
  downloadFileRoute(app, dependencies, files)
}
