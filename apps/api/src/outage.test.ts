/**
 * Requests while a backing service is unavailable: documented responses that say when to try again.
 */
import { startPostgres } from '@obscura/test-servers/postgres'
import { missing } from '@obscura/test-servers/requirement'
import { freePort } from '@obscura/test-servers/server-folder'
import Value from 'typebox/value'
import { afterEach, describe, expect, it } from 'vitest'
import { ErrorResponse, SignInError } from './schemas.js'
import { PASSWORD, type Service, type ServiceResponse, startService } from './test/service.js'

const SENTENCE = 'The service is temporarily unavailable. Please try again in a few seconds.'

let ending: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ending.reverse()) await end()
  ending = []
})

/** A service with settings of its own. */
async function serviceWith(settings: Record<string, string>): Promise<Service> {
  const before = { ...process.env }
  Object.assign(process.env, settings)
  const service = await startService().finally(() => {
    process.env = before
  })
  ending.push(() => service.close())
  return service
}

function expectPatience({ status, headers, body }: ServiceResponse): void {
  expect([status, Number(headers.get('retry-after'))]).toEqual([503, 5])
  expect(body.error ?? body.message).toBe(SENTENCE)
}

describe.skipIf(missing('initdb'))('while PostgreSQL is down', () => {
  it('every route asks the client to try again, in the form of its errors, and works again afterwards', async () => {
    const postgres = await startPostgres()
    ending.push(() => postgres.stop())
    const service = await serviceWith({ DATABASE_URL: await postgres.createDatabase() })
    const { username, token } = await service.newUser()
    const { task_id, upload_url } = await service.create(token)
    await postgres.kill()
    const routes = [
      ['POST', '/v2/task', { anonymization_method: 'blur', face: true }],
      ['GET', `/v2/task/${task_id}`],
      ['GET', `/v2/task/${task_id}/status`],
      ['GET', `/v2/task/${task_id}/metadata`],
      ['GET', '/v2/task/list?create_time_after=2020-01-01'],
      ['DELETE', `/v2/task/${task_id}/files`],
    ] as const
    for (const [method, path, body] of routes) {
      const response = await service.request(method, path, { token, body })
      expectPatience(response)
      expect(Value.Check(ErrorResponse, response.body)).toBe(true)
    }
    const signIn = await service.request('POST', '/v2/signin', { body: { username, password: PASSWORD } })
    expectPatience(signIn)
    expect(Value.Check(SignInError, signIn.body)).toBe(true)
    expect(signIn.body).toMatchObject({ code: 'ServiceUnavailableException', statusCode: 503, retryable: true })
    if (service.fileStore) {
      const upload = await service.upload(upload_url)
      expect(upload).toMatchObject({ status: 503, body: expect.stringContaining('<Code>ServiceUnavailable</Code>') })
      expect(upload.headers.get('retry-after')).toBe('60')
    }
    await postgres.start()
    expect(await service.status(token, task_id)).toMatchObject({ task_id })
  })
})

it('while the S3 server is down, a request that needs it asks the client to try again', async () => {
  const settings = { S3_ENDPOINT: `http://127.0.0.1:${await freePort()}`, S3_ACCESS_KEY_ID: 'a', S3_SECRET_ACCESS_KEY: 'b' }
  const service = await serviceWith(settings)
  const { token } = await service.newUser()
  const { task_id } = await service.create(token)
  expectPatience(await service.request('POST', `/v2/task/${task_id}/start`, { token }))
})
