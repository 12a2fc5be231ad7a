import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { call, session } from './session.js'

/** Whom the browser's cookie belongs to. */
let cookie = ''
const accepted: string[] = []

/** A service whose access tokens are the names of users. */
async function respond(address: string, { headers }: RequestInit): Promise<Response> {
  if (address.endsWith('/session'))
    return Response.json({ access_token: cookie, username: cookie, customer: 'c', is_admin: false })
  const token = new Headers(headers).get('authorization')!
  if (token === 'expired') return Response.json({}, { status: 401 })
  accepted.push(token)
  return Response.json({})
}

beforeAll(() => {
  vi.stubGlobal('fetch', respond)
  vi.stubGlobal('document', { baseURI: 'http://service.example/#/upload' })
})
afterAll(() => vi.unstubAllGlobals())
afterEach(() => accepted.splice(0))

test('a request with an expired token is sent again with a new one of the same user', async () => {
  cookie = 'anna'
  session.value = { token: 'expired', username: 'anna', customer: 'c', isAdmin: false }
  await call('POST', 'v2/task', {})
  expect(accepted).toEqual(['anna'])
})

test('what one user began is never sent as another, who has signed in in another tab', async () => {
  cookie = 'ben'
  session.value = { token: 'expired', username: 'anna', customer: 'c', isAdmin: false }
  await expect(call('POST', 'v2/task', { name: 'of anna' })).rejects.toMatchObject({ status: 401 })
  expect(accepted).toEqual([])
  expect(session.value?.username).toBe('ben')
  await call('GET', 'v2/task/list')
  expect(accepted).toEqual(['ben'])
})
