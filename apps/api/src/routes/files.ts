import type { FileStore } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { handleAsS3 } from '../plugins/s3-errors.js'
import type { ApiDependencies } from '../settings.js'
import { downloadFileRoute } from './download-file.js'
import { uploadFileRoute } from './upload-file.js'

/**
 * Signed URLs of the embedded store, which behave like S3. No access token: the URL is the
 * permission.
 */
export function fileRoutes(app: FastifyInstance, dependencies: ApiDependencies, files: FileStore): void {
  const { uploadMaxBytes } = dependencies.settings
  app.removeAllContentTypeParsers()
  // The body stays in the socket until a route reads it.
  app.addContentTypeParser('*', (_request, _body, done) => done(null))
  app.setErrorHandler(handleAsS3)
  app.server.on('checkContinue', (request, response) => {
    // Too large: without "100 Continue" the client does not send the body at all.
    if (!(Number(request.headers['content-length']) > uploadMaxBytes)) {
      response.writeContinue()
      delete request.headers.expect
    }
    app.server.emit('request', request, response)
  })
  uploadFileRoute(app, dependencies, files)
  downloadFileRoute(app, dependencies, files)
}
