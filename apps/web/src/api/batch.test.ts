import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { forEachImage, sameUser, UserChangedError } from './batch.js'
import { approve } from './corrections.js'
import { session } from './session.js'
import { deleteFiles } from './tasks.js'

/** Whom the browser's cookie belongs to; nobody when empty. */
let cookie = ''
/** Requests that the service carried out, with the user. */
const accepted: string[] = []
/** Access tokens that have expired: at the second image. */
const expiring = new Set<string>()

/** A service whose access tokens are the names of users. */
async function respond(address: string, { headers }: RequestInit): Promise<Response> {
  if (address.endsWith('/session')) {
    if (!cookie) return new Response(null, { status: 204 })
    return Response.json({ access_token: `${cookie} again`, username: cookie, customer: 'c', is_admin: false })
  }
  const token = new Headers(headers).get('authorization')!
  const [, id] = /task\/(\d+)/.exec(address)!
  if (id === '2') expiring.add('anna')
  if (token === '' || expiring.has(token)) return Response.json({ error: 'Sign in.' }, { status: 401 })
  if (id === '4') return Response.json({ error: 'Gone.' }, { status: 404 })
  accepted.push(`${id} ${token}`)
  return Response.json({})
}

const signedIn = (username: string) => ({ token: username, username, customer: 'c', isAdmin: false })

beforeAll(() => {
  vi.stubGlobal('fetch', respond)
  vi.stubGlobal('document', { baseURI: 'http://service.example/' })
})
afterAll(() => vi.unstubAllGlobals())
afterEach(() => {
  accepted.splice(0)
  expiring.clear()
})

test.each([
  ['approve', approve],
  ['delete', deleteFiles],
])('%s stops at the request at which another user turns out to be signed in', async (_, request) => {
  cookie = 'ben'
  session.value = signedIn('anna')
  await expect(forEachImage([1, 2, 3, 5], request, () => {})).rejects.toThrow(UserChangedError)
  expect(accepted).toEqual(['1 anna'])
  expect(session.value.username).toBe('ben')
})

test('a batch stops when its user has signed out', async () => {
  cookie = ''
  session.value = signedIn('anna')
  await expect(
    forEachImage(
      [1, 2, 3],
      id => approve(id),
      () => {},
    ),
  ).rejects.toThrow(UserChangedError)
  expect(accepted).toEqual(['1 anna'])
})

test('a batch goes on with a new token of the same user, and says which images were refused', async () => {
  cookie = 'anna'
  session.value = signedIn('anna')
  const progress: number[] = []
  const refusals = await forEachImage([1, 2, 4, 5], deleteFiles, done => progress.push(done))
  expect(refusals).toEqual(['#4: Gone.'])
  expect(accepted).toEqual(['1 anna', '2 anna again', '5 anna again'])
  expect(progress).toEqual([0, 1, 2, 2])
})

test('the user is compared with the one of the beginning', () => {
  session.value = signedIn('anna')
  const check = sameUser()
  check()
  session.value = signedIn('ben')
  expect(check).toThrow(UserChangedError)
})
