import { setImmediate as turn } from 'node:timers/promises'
import fastify from 'fastify'
import { expect, it } from 'vitest'
import { acceptAnyBody } from './bodies.js'
import { readLargeBodiesInTurn } from './large-bodies.js'

const COUNT = 30

/** The most requests that reached their route in one turn of the event loop. */
async function mostInOneTurn(bytes: number): Promise<number> {
  const app = fastify()
  acceptAnyBody(app)
  app.decorateRequest('caller')
  app.addHook('onRequest', async request => {
    request.caller = { customerId: 'one', userId: 'u', username: 'u', sessionId: 's' } as typeof request.caller
  })
  readLargeBodiesInTurn(app, COUNT)
  let [reached, now, most] = [0, 0, 0]
  app.post('/', async () => {
    reached++
    most = Math.max(most, ++now)
    return 'read'
  })
  await app.ready()
  const responses = Array.from({ length: COUNT }, () => app.inject({ method: 'POST', url: '/', payload: 'x'.repeat(bytes) }))
  for (const response of responses) response.catch(() => undefined)
  while (reached < COUNT) {
    await turn()
    now = 0
  }
  for (const { body } of await Promise.all(responses)) expect(body).toBe('read')
  await app.close()
  return most
}

it('large bodies that end at the same moment reach their routes one per turn of the event loop', async () => {
  expect(await mostInOneTurn(100)).toBeGreaterThan(2)
  expect(await mostInOneTurn(100_000)).toBeLessThanOrEqual(2)
})
