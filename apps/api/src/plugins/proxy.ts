import type { FastifyInstance } from 'fastify'

/** Says once when requests seem to come through a proxy that TRUST_PROXY does not tell of: all clients then have the proxy's address. */
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
