/** HTTPS servers for tests of downloads, with an authority of their own, and a proxy in front. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createPlain, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import type { Certificates } from '@obscura/test-servers/certificates'

/** What a request asked for. */
export interface Asked {
  path: string
  range: string | undefined
}

export interface Origin {
  url: string
  asked: Asked[]
  close(): Promise<void>
}

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

/** Starts an HTTPS server that answers each path as the table says. */
export async function startOrigin(certificates: Certificates, handlers: Record<string, Handler>): Promise<Origin> {
  const asked: Asked[] = []
  const tls = { key: readFileSync(certificates.keyFile), cert: readFileSync(certificates.certificateFile) }
  const server = createServer(tls, (request, response) => {
    asked.push({ path: request.url!, range: request.headers.range })
    const handler = handlers[request.url!]
    if (handler) handler(request, response)
    else response.writeHead(404).end()
  })
  return { url: `https://localhost:${await listen(server)}`, asked, close: () => closed(server) }
}

export interface Tunnel {
  url: string
  /** The hosts to which it made a tunnel. */
  tunnels: string[]
  close(): Promise<void>
}

/**
 * Starts an HTTP proxy that makes tunnels (CONNECT) for the user `user` with the password `word`.
 */
export async function startProxy(): Promise<Tunnel> {
  const tunnels: string[] = []
  const server = createPlain((_request, response) => response.writeHead(405).end())
  server.on('connect', (request, client) => {
    const expected = `Basic ${Buffer.from('user:word').toString('base64')}`
    if (request.headers['proxy-authorization'] !== expected)
      return client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    tunnels.push(request.url!)
    const [host, port] = request.url!.split(':')
    const target = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      target.pipe(client).pipe(target)
    })
    target.on('error', () => client.destroy())
    client.on('error', () => target.destroy())
  })
  return { url: `http://user:word@127.0.0.1:${await listen(server)}`, tunnels, close: () => closed(server) }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}

/** Serves a file with support for ranges. */
export function file(content: Buffer): Handler {
  return ({ headers }, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
    if (headers.range === undefined) return response.writeHead(200, { 'content-length': content.length }).end(content)
    if (from >= content.length) return response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end()
    response
      .writeHead(206, { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` })
      .end(content.subarray(from))
  }
}

/** Serves at most `bytes` bytes of what was asked for, then breaks the connection. */
export function cut(content: Buffer, bytes: number): Handler {
  return ({ headers }, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
    const range = headers.range && { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }
    response.writeHead(range ? 206 : 200, { 'content-length': content.length - from, ...range })
    const rest = content.subarray(from)
    if (rest.length <= bytes) return response.end(rest)
    response.write(rest.subarray(0, bytes), () => setTimeout(() => response.destroy(), 50))
  }
}

export function redirect(location: string, status = 302): Handler {
  return (_request, response) => response.writeHead(status, { location }).end('moved')
}
