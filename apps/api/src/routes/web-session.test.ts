import { setPassword } from '@obscura/shared'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PASSWORD, type Service, startService } from '../test/service.js'

let service: Service
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service.close())

const PAGE = { 'x-obscura-page': '1' }

/** A new user who has signed in on the page, and the cookie of the browser. */
async function signIn() {
  const { username } = await service.newUser()
  const { status, body, headers } = await service.request('POST', '/session', {
    body: { username, password: PASSWORD },
    headers: PAGE,
  })
  expect(status).toBe(200)
  const set = headers.get('set-cookie')!
  return { username, token: body.access_token as string, set, cookie: set.split(';')[0] }
}

const resume = (cookie: string, headers: Record<string, string> = PAGE) =>
  service.request('GET', '/session', { headers: { ...headers, cookie } })
const use = (token: string) => service.request('GET', '/v2/usage', { token })

describe("the web page's session", () => {
  it('is a cookie that scripts cannot read and other sites cannot send', async () => {
    const { set, token, username } = await signIn()
    expect(set).toMatch(/^obscura_session=[\w.-]+; Max-Age=2592000; Path=\/session; HttpOnly; SameSite=Strict$/)
    expect((await use(token)).status).toBe(200)
    expect((await use(set)).status).toBe(401)
    expect(username).toMatch(/^user-/)
  })

  it.each([
    ['https://example.com', '__Host-obscura_session'],
    ['https://example.com/anon/', '__Host-obscura_session-anon'],
  ])('at %s is a cookie that no other host of the domain can set', async (address, name) => {
    const secure = await startService(dependencies => ({
      ...dependencies,
      settings: { ...dependencies.settings, publicUrl: () => address },
    }))
    const { username } = await secure.newUser()
    const body = { username, password: PASSWORD }
    const { headers } = await secure.request('POST', '/session', { body, headers: PAGE })
    const set = headers.get('set-cookie')!
    expect(set).toMatch(new RegExp(`^${name}=[\\w.-]+; Max-Age=2592000; Path=/; HttpOnly; Secure; SameSite=Strict$`))
    const [cookie] = set.split(';')
    const resumed = (cookie: string) => secure.request('GET', '/session', { headers: { ...PAGE, cookie } })
    expect((await resumed(cookie)).status).toBe(200)
    expect((await resumed(cookie.replace(name, 'obscura_session'))).status).toBe(204)
    await secure.close()
  })

  it('gives every tab a new access token, as often as they ask', async () => {
    const { cookie, username } = await signIn()
    const responses = await Promise.all(Array.from({ length: 5 }, () => resume(cookie)))
    for (const { status, body } of responses) {
      expect(status).toBe(200)
      expect(body).toMatchObject({ username, expires_in: 3600 })
      expect((await use(body.access_token)).status).toBe(200)
    }
  })

  it('ends when the user signs out: cookie and tokens are refused', async () => {
    const { cookie, token } = await signIn()
    const ended = await service.request('DELETE', '/session', { headers: { ...PAGE, cookie } })
    expect(ended.status).toBe(204)
    expect(ended.headers.get('set-cookie')).toMatch(/^obscura_session=; .*Expires=Thu, 01 Jan 1970/)
    expect((await use(token)).status).toBe(401)
    expect((await resume(cookie)).status).toBe(204)
  })

  it('ends with a new password', async () => {
    const { cookie, username } = await signIn()
    await setPassword(service.db, username, 'another horse')
    expect((await resume(cookie)).status).toBe(204)
  })

  it.each([
    ['without the header of the page', {}],
    ['from another site', { ...PAGE, 'sec-fetch-site': 'cross-site' }],
    ['from a sibling domain', { ...PAGE, 'sec-fetch-site': 'same-site' }],
  ])('is not given to a request %s', async (_, headers) => {
    const { cookie, username } = await signIn()
    expect((await resume(cookie, headers)).status).toBe(400)
    const body = { username, password: PASSWORD }
    expect((await service.request('POST', '/session', { body, headers })).status).toBe(400)
    expect((await service.request('DELETE', '/session', { headers: { ...headers, cookie } })).status).toBe(400)
    expect((await resume(cookie)).status).toBe(200)
  })

  it('that has ended does not take the cookie of the next one away, when it is asked for meanwhile', async () => {
    const { cookie } = await signIn()
    await service.request('DELETE', '/session', { headers: { ...PAGE, cookie } })
    const { status, headers } = await resume(cookie)
    expect([status, headers.get('set-cookie')]).toEqual([204, null])
  })

  it('nobody is signed in without a cookie, or with an invented one', async () => {
    for (const cookie of ['', 'obscura_session=x', `obscura_session=${'a'.repeat(5000)}`]) {
      expect((await resume(cookie)).status).toBe(204)
    }
  })

  it('a wrong password is refused as when signing in to the API', async () => {
    const { username } = await service.newUser()
    const response = await service.request('POST', '/session', { body: { username, password: 'wrong' }, headers: PAGE })
    expect(response).toMatchObject({ status: 400, body: { message: 'Incorrect username or password.' } })
    expect(response.headers.get('set-cookie')).toBeNull()
  })
})
