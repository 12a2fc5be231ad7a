/** What is parsed at once is bounded by its size: no route may read more than these. */
import { setAdmin } from '@obscura/shared'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Service, startService } from './test/service.js'

const LARGEST = 1024 * 1024
/** Of a caller who has not signed in. */
const LARGEST_OF_STRANGERS = 64 * 1024

interface Operation {
  method: 'POST' | 'PUT' | 'DELETE'
  url: string
  needsToken: boolean
}

let service: Service
let operations: Operation[]

beforeAll(async () => {
  service = await startService()
  const document = (await service.request('GET', '/openapi.json')).body
  operations = Object.entries<Record<string, { security?: unknown[] }>>(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => ['post', 'put', 'delete'].includes(method))
      .map(([method, { security = [] }]) => ({
        method: method.toUpperCase() as Operation['method'],
        url: path.replaceAll(/\{\w+\}/g, '1'),
        needsToken: security.length > 0,
      })),
  )
})
afterAll(() => service.close())

it('every route refuses a body that is larger', async () => {
  const { username, token } = await service.newUser()
  await setAdmin(service.db, username, true)
  const answers = await Promise.all(
    operations.map(async ({ method, url, needsToken }) => {
      const payload = ' '.repeat((needsToken ? LARGEST : LARGEST_OF_STRANGERS) + 1)
      const { statusCode } = await service.app.inject({
        method,
        url,
        payload,
        headers: needsToken ? { authorization: token } : {},
      })
      return `${method} ${url} ${statusCode}`
    }),
  )
  expect(answers).toContain('PUT /v2/areas 413')
  expect(answers).toContain('POST /v2/signin 413')
  expect(answers.filter(answer => !answer.endsWith(' 413'))).toEqual([])
})
