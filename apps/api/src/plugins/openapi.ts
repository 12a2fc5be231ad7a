import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/**
 * Generates the OpenAPI document from the schemas of the routes, at /openapi.json, and shows it at
 * /docs. Register before the routes.
 */
export async function describeRoutes(app: FastifyInstance, publicUrl: () => string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Obscura',
        version: '2',
        description:
          'Anonymizes faces, persons, license plates and vehicles in images. Sign in, create a task, PUT the image to its `upload_url`, poll the status until it is `done`, then download `anonymized_url`.',
      },
      tags: [
        { name: 'sign in', description: 'Access tokens are valid for one hour.' },
        { name: 'tasks', description: 'One task anonymizes one image.' },
        { name: 'service', description: 'For operators.' },
      ],
      components: {
        securitySchemes: {
          accessToken: {
            type: 'apiKey',
            in: 'header',
            name: 'Authorization',
            description: 'The AccessToken, with or without the prefix `Bearer `.',
          },
        },
      },
    },
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    theme: { title: 'Obscura' },
    // A token that was typed in is not stored.
    uiConfig: { persistAuthorization: false, deepLinking: true, layout: 'BaseLayout' },
    uiHooks: { onRequest: redirectWithin },
    staticCSP: pagePolicy(publicUrl()),
  })
  const written = new Map<string, string>()
  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    const url = publicUrl()
    if (!written.has(url)) {
      written.clear()
      written.set(url, JSON.stringify(withServer(app.swagger(), url)))
    }
    return reply.type('application/json; charset=utf-8').send(written.get(url))
  })
}

function withServer(specification: object, url: string): Record<string, unknown> {
  return { ...specification, servers: [{ url }] }
}

// The URLs of the page are relative to /docs/, wherever a proxy mounts it, so redirects must be
// relative too. Swagger UI would write the document for each request, as YAML in 25 ms.
async function redirectWithin(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  if (/\/docs(\?|$)/.test(request.url)) return reply.redirect('docs/')
  if (/\/docs\/(json|yaml)(\?|$)/.test(request.url)) return reply.redirect('../openapi.json')
  return /\/static\/index\.html(\?|$)/.test(request.url) ? reply.redirect('../') : undefined
}

/**
 * What the page may load, and where it may send requests: to this server, and to the public address
 * if that is set.
 */
function pagePolicy(publicUrl: string): string {
  const origin = URL.canParse(publicUrl) ? new URL(publicUrl).origin : ''
  return [
    "default-src 'none'",
    "script-src 'self'",
    // Swagger UI writes style attributes.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    `connect-src 'self' ${origin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
