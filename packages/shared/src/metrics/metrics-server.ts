/** Metrics and health on a separate port, which only the operator's machines need to reach. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { collectDefaultMetrics, register } from 'prom-client'

/** The port for metrics and health, open. */
export interface MetricsServer {
  port: number
  close(): Promise<void>
}

/**
 * Serves GET /metrics for Prometheus, /health (200: the process is alive; `about` has further
 * lines) and /ready (200, or 503 with the reason, from `check`).
 * @throws when the port is in use
 */
export async function startMetricsServer(
  port: number,
  host: string,
  check: () => Promise<unknown>,
  about: readonly string[] = [],
): Promise<MetricsServer> {
  if (!register.getSingleMetric('process_cpu_seconds_total')) collectDefaultMetrics()
  const pages: Record<string, () => Promise<[status: number, type: string, body: string]>> = {
    '/metrics': async () => [200, register.contentType, await register.metrics()],
    '/health': async () => [200, 'text/plain', ['ok', ...about, ''].join('\n')],
    '/ready': () =>
      check().then(
        () => [200, 'text/plain', 'ready\n'],
        error => [503, 'text/plain', `${error.message}\n`],
      ),
  }
  const server = createServer(async (request, response) => {
    const page = pages[request.url ?? '']
    const [status, type, body] = page ? await page() : ([404, 'text/plain', 'Not found\n'] as const)
    response.writeHead(status, { 'content-type': type }).end(body)
  })
  server.listen(port, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The names of all metrics that this process has. */
export function metricNames(): string[] {
  return register.getMetricsAsArray().map(metric => metric.name)
}
