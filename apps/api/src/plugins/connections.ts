/** Limits on connections and headers, and responses to bytes that are not HTTP. */
import { type RequestListener, type Server, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { ContractError, type ErrorCode } from '@obscura/shared'
import type { FastifyInstance } from 'fastify'
import { networkOf } from '../access/network.js'
import { MINIMAL_HEADERS } from './headers.js'
import { createTurns } from './turns.js'

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

/**
 * Requests of one connection that may wait for their responses. Clients and proxies wait for each
 * before they send the next one; Node would begin with all that arrive at once, do nothing else
 * meanwhile, and keep all their responses.
 */
const MAX_PIPELINED = 16

/** Clients and proxies together send two dozen. */
const MAX_HEADERS = 100

const CLIENT_ERRORS: Record<string, ErrorCode> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'requestTimeout',
  HPE_HEADER_OVERFLOW: 'headersTooLarge',
}

/** Share of the connections that one network may have: the rest is for everybody else. */
const NETWORK_SHARE = 1 / 2

/** How many connections one API process accepts. */
export interface ConnectionLimits {
  /** Maximum number of open connections. */
  maxConnections: number
  /** All connections come from a proxy. */
  trustProxy: boolean
}

/** Limits the connections of a server and answers invalid requests. */
export function boundConnections(app: FastifyInstance, { maxConnections, trustProxy }: ConnectionLimits): void {
  const { server } = app
  server.maxConnections = maxConnections
  if (!trustProxy) boundNetworks(server, Math.ceil(maxConnections * NETWORK_SHARE))
  // Above its own limit Node drops headers silently, perhaps the Authorization.
  server.maxHeadersCount = 0
  boundPipelines(server)
  app.addHook('onRequest', async ({ raw }) => {
    if (raw.rawHeaders.length > 2 * MAX_HEADERS) throw new ContractError('headersTooLarge')
    if (raw.httpVersion === '1.1' && !raw.headers.host) throw new ContractError('badRequest')
  })
  // CONNECT: this is not a proxy.
  server.on('connect', (_request, socket) => refuse(socket, 'notFound'))
}

function boundNetworks(server: Server, most: number): void {
  const open = new Map<string, number>()
  server.prependListener('connection', (socket: Socket) => {
    const network = networkOf(socket.remoteAddress ?? '')
    const count = (open.get(network) ?? 0) + 1
    open.set(network, count)
    socket.once('close', () => {
      const left = open.get(network)! - 1
      if (left > 0) open.set(network, left)
      else open.delete(network)
    })
    if (count > most) socket.destroy()
  })
}

// Such a connection is closed without a word, and before anything looks at a request: what is left
// of it must cost nothing.
function boundPipelines(server: Server): void {
  /** Of each connection the requests that are not answered; the first of them has begun. */
  const pending = new WeakMap<Socket, (() => void)[]>()
  const listeners = server.listeners('request') as RequestListener[]
  const inTurn = createTurns()
  server.removeAllListeners('request')
  server.on('connection', stopWhenDestroyed)
  server.on('request', (request, response) => {
    const { socket } = request
    if (socket.destroyed) return
    const unanswered = pending.get(socket) ?? []
    if (unanswered.length === MAX_PIPELINED) return socket.destroy()
    pending.set(socket, unanswered)
    const begin = () => {
      for (const listener of listeners) listener(request, response)
    }
    const beginInTurn = () => inTurn(socket, begin)
    response.once('close', () => {
      unanswered.shift()
      if (!socket.destroyed) unanswered[0]?.()
    })
    if (unanswered.push(beginInTurn) > 1) return
    if (request.url === '/health') begin()
    else beginInTurn()
  })
}

interface ParsedSocket extends Socket {
  /** Node's, which is not documented. */
  parser?: { onIncoming?: (request: unknown, keepAlive: boolean) => number } | null
}

/** The answer to a change of protocol: the parser leaves alone what follows. */
const NOT_HTTP = 2

/**
 * Node parses everything that has arrived, up to 64 KiB, even for a connection that is closed at
 * the first request of it: 2,500 requests and as many objects, at once on all connections.
 */
function stopWhenDestroyed(socket: ParsedSocket): void {
  const { parser } = socket
  const { onIncoming } = parser ?? {}
  if (!parser || !onIncoming) return
  parser.onIncoming = (request, keepAlive) => (socket.destroyed ? NOT_HTTP : onIncoming.call(parser, request, keepAlive))
}

/**
 * Answers bytes that are not HTTP, headers that are too large or too slow, and bodies of two
 * lengths (`Content-Length` and chunks).
 */
export function handleClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  refuse(socket, CLIENT_ERRORS[error.code ?? ''] ?? 'badRequest')
}

// The connection is closed with everything left in it: the start of the next request is unknown.
function refuse(socket: Duplex, code: ErrorCode): void {
  const error = new ContractError(code)
  const body = JSON.stringify(error.body('', ''))
  const headers = { ...MINIMAL_HEADERS, 'content-type': 'application/json', 'content-length': body.length, connection: 'close' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end(`HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
}
