/** What a connection may do before it is a request: how many there are, how long their headers take, and what is answered to nonsense. */
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { ContractError, type ErrorCode } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { BARE_HEADERS } from './headers.js'

/** For Node's server: limits that it checks itself. */
export const HTTP_OPTIONS = {
  /** Headers that take longer hold a connection for nothing. */
  headersTimeout: 20_000,
  /** How often that is looked at. */
  connectionsCheckingInterval: 5000,
  /** Bytes of request line and headers: room for a signed URL of any S3 server and a token. */
  maxHeaderSize: 16_384,
  /** We answer that ourselves, with a body. */
  requireHostHeader: false,
} as const

/** Clients and proxies together send two dozen. */
const MAX_HEADERS = 100

const CLIENT_ERRORS: Record<string, ErrorCode> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'requestTimeout',
  HPE_HEADER_OVERFLOW: 'headersTooLarge',
}

/** Bounds the connections of a server and answers what never becomes a request. */
export function boundConnections(app: FastifyInstance, maxConnections: number): void {
  const { server } = app
  server.maxConnections = maxConnections
  // Above its own limit Node would leave headers out without a word, perhaps the Authorization.
  server.maxHeadersCount = 0
  app.addHook('onRequest', async ({ raw }) => {
    if (raw.rawHeaders.length > 2 * MAX_HEADERS) throw new ContractError('headersTooLarge')
    if (raw.httpVersion === '1.1' && !raw.headers.host) throw new ContractError('badRequest')
  })
  // CONNECT: no proxy lives here.
  server.on('connect', (_request, socket) => refuse(socket, 'notFound'))
}

/** Answers bytes that are not HTTP, headers that are too large or too slow, and bodies of two lengths (`Content-Length` and chunks). */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  refuse(socket, CLIENT_ERRORS[error.code ?? ''] ?? 'badRequest')
}

// With the connection ends whatever else is in it: nobody knows any more where a request begins.
function refuse(socket: Duplex, code: ErrorCode): void {
  const error = new ContractError(code)
  const body = JSON.stringify(error.body('', ''))
  const headers = { ...BARE_HEADERS, 'content-type': 'application/json', 'content-length': body.length, connection: 'close' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end(`HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
}
