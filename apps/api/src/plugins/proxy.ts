import type { FastifyInstance } from 'fastify'

/**
 * Warns once when requests seem to come through a proxy although TRUST_PROXY is off: all clients
 * then have the address of the proxy.
 */
export function warnOfProxy(app: FastifyInstance, trustProxy: boolean): void {
  if (trustProxy) return
  let warned = false
  app.addHook('onRequest', async request => {
    if (warned || request.headers['x-forwarded-for'] === undefined) return
    warned = true
    request.log.warn(
      'A request has the header X-Forwarded-For, but TRUST_PROXY is 0: all clients behind a proxy share one limit of failed sign-ins. ' +
        'Set TRUST_PROXY=1 if a proxy sets this header; otherwise a client forged it, which does no harm.',
    )
  })
}
