import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, connect } from 'node:net'
import { createServer } from 'node:tls'
import type { Certificates } from './certificates.js'

/**
 * Speaks TLS in front of a server that does not: bytes pass unchanged, so signatures stay good.
 * `url` has the given host name.
 */
export async function startTlsProxy(target: string, { certificateFile, keyFile }: Certificates, host = 'localhost') {
  const { hostname, port } = new URL(target)
  const [cert, key] = await Promise.all([readFile(certificateFile), readFile(keyFile)])
  const server = createServer({ cert, key }, incoming => {
    const outgoing = connect(Number(port), hostname)
    for (const [from, to] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ]) {
      from.pipe(to)
      from.on('error', () => to.destroy())
    }
  }).listen(0, '127.0.0.1')
  // Clients that refuse the certificate.
  server.on('tlsClientError', () => undefined)
  await once(server, 'listening')
  return { url: `https://${host}:${(server.address() as AddressInfo).port}`, stop: () => void server.close() }
}
