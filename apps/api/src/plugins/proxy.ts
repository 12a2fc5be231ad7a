import type { FastifyInstance } from 'fastify'

/** Says once when requests seem to come through a proxy that TRUST_PROXY does not tell of: all clients then have the proxy's address. */
export function warnOfProxy(app: FastifyInstance, trustProxy: boolean): void {
  if (trustProxy) return
  let warned = false
  app.addHook('onRequest', async request => {
    if (warned || request.headers['x-forwarded-for'] === undefined) return
    warned = true
    request.log.warn(
      'A request came with X-Forwarded-For, but TRUST_PROXY is 0: wrong passwords of all clients behind a proxy count as those of one address. ' +
        'Set TRUST_PROXY=1 if there is a proxy that sets this header; otherwise somebody made it up, and it does no harm.',
    )
  })
}
