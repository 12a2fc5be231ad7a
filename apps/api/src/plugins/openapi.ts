import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'

/** Writes the OpenAPI document from the routes' schemas, at /openapi.json, and shows it at /docs. Register before the routes. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Obscura',
        version: '2',
        description:
          'Anonymizes faces, persons, license plates and vehicles in images. Sign in, create a task, PUT the image to its `upload_url`, ask for its status until it is `done`, download `anonymized_url`.',
      },
      servers: [{ url: '/' }],
      tags: [
        { name: 'sign in', description: 'Access tokens are good for an hour.' },
        { name: 'tasks', description: 'One task anonymizes one image.' },
        { name: 'service', description: 'For operators.' },
      ],
      components: {
        securitySchemes: {
          accessToken: {
            type: 'apiKey',
            in: 'header',
            name: 'Authorization',
            description: 'The AccessToken, with or without `Bearer ` before it.',
          },
        },
      },
    },
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    theme: { title: 'Obscura' },
    uiConfig: { persistAuthorization: true, deepLinking: true, layout: 'BaseLayout' },
  })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
}
