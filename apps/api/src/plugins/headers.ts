import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'

/**
 * Tells browsers what they may do with an answer: nothing but show or save it. Pages (plugins/openapi.ts, plugins/web-page.ts) loosen that for
 * themselves. Other sites may embed images, as they always could: signed URLs are made for that.
 */
export async function secureAnswers(app: FastifyInstance): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      // The style is the browser's own, of the page in which it shows an image.
      directives: { defaultSrc: ["'none'"], styleSrc: ["'unsafe-inline'"], frameAncestors: ["'none'"] },
    },
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    xFrameOptions: { action: 'deny' },
    // Whether all of a domain speaks TLS is for the proxy in front to say.
    strictTransportSecurity: false,
  })
  // Tokens, tasks and photos stay in no cache; static files say otherwise themselves.
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  })
}

/** The same for answers that are written before there is a request. */
export const BARE_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}
