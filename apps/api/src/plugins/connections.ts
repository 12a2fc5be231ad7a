/** Limits on connections and headers, and answers to bytes that are not HTTP. */
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { ContractError, type ErrorCode } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { BARE_HEADERS } from './headers.js'

/** Options of Node's server: limits that it enforces itself. */
export const HTTP_OPTIONS = {
  /** Maximum time for the headers. */
  headersTimeout: 20_000,
  /** How often that is checked. */
  connectionsCheckingInterval: 5000,
  /**
   * Maximum size of request line and headers in bytes: enough for a signed URL of any S3 server and
   * a token.
   */
  maxHeaderSize: 16_384,
  /** We answer this ourselves, with a body. */
  requireHostHeader: false,
} as const

/** Clients and proxies together send about two dozen. */
const MAX_HEADERS = 100

const CLIENT_ERRORS: Record<string, ErrorCode> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'requestTimeout',
  HPE_HEADER_OVERFLOW: 'headersTooLarge',
}

/** Limits the connections of a server and answers invalid requests. */
export function boundConnections(app: FastifyInstance, maxConnections: number): void {
  const { server } = app
  server.maxConnections = maxConnections
  // Above its own limit Node drops headers silently, perhaps the Authorization.
  server.maxHeadersCount = 0
  app.addHook('onRequest', async ({ raw }) => {
    if (raw.rawHeaders.length > 2 * MAX_HEADERS) throw new ContractError('headersTooLarge')
    if (raw.httpVersion === '1.1' && !raw.headers.host) throw new ContractError('badRequest')
  })
  // CONNECT: this is not a proxy.
  server.on('connect', (_request, socket) => refuse(socket, 'notFound'))
}

/**
 * Answers bytes that are not HTTP, headers that are too large or too slow, and bodies of two
 * lengths (`Content-Length` and chunks).
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  refuse(socket, CLIENT_ERRORS[error.code ?? ''] ?? 'badRequest')
}

// The connection is closed with everything left in it: the start of the next request is unknown.
function refuse(socket: Duplex, code: ErrorCode): void {
  const error = new ContractError(code)
  const body = JSON.stringify(error.body('', ''))
  const headers = { ...BARE_HEADERS, 'content-type': 'application/json', 'content-length': body.length, connection: 'close' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end(`HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
}
