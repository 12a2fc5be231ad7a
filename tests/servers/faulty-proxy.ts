import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface FaultyProxy {
  url: string
  /**
   * From now on: `none`, answers 503 as an overloaded S3 server does, or lets each request wait for
   * a second.
   */
  fault: 'none' | 'unavailable' | 'slow'
  stop(): Promise<void>
}

/**
 * Stands before an HTTP server and is what networks and overloaded servers are. Headers pass
 * unchanged, so signatures stay good.
 */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const { hostname, port } = new URL(target)
  const server = createServer(async (incoming, outgoing) => {
    if (proxy.fault === 'unavailable') {
      incoming.resume()
      outgoing.writeHead(503, { 'content-type': 'application/xml' }).end('<Error><Code>SlowDown</Code></Error>')
      return
    }
    if (proxy.fault === 'slow') await sleep(1000)
    const { method, url: path, headers } = incoming
    const passed = request({ hostname, port, method, path, headers }, response => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers)
      response.pipe(outgoing)
    })
    passed.on('error', () => outgoing.destroy())
    incoming.on('error', () => passed.destroy())
    incoming.pipe(passed)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy: FaultyProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fault: 'none',
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return proxy
}
