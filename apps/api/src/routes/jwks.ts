import type { FastifyInstance } from 'fastify'
import type { Keyring } from '../access/keyring.js'

/** GET /.well-known/jwks.json: the public keys of access tokens. */
export function jwksRoute(app: FastifyInstance, keyring: Keyring): void {
  const schema = { summary: 'Get the public keys of access and ID tokens', tags: ['sign in'] }
  app.get('/.well-known/jwks.json', { schema }, async () => ({ keys: await keyring.publicKeys() }))
}
