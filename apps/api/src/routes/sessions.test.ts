/**
 * What ends a session in every API process: signing out, a new password, removal of the user, a
 * refresh token used twice, a deleted key.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { findUser, removeUser, setPassword } from '@obscura/shared'
import Value from 'typebox/value'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SignInError, SignInResponse } from '../schemas.js'
import { PASSWORD, type Service, startService } from '../test/service.js'

let service: Service
/** Another API process on the same database. */
let another: string

beforeAll(async () => {
  service = await startService()
  another = await service.startAnother()
})
afterAll(() => service.close())

interface Tokens {
  AccessToken: string
  RefreshToken: string
}

const UNAUTHORIZED = { status: 401, body: { message: 'Unauthorized' } }

async function signIn(username: string, password = PASSWORD): Promise<Tokens> {
  return (await service.request('POST', '/v2/signin', { body: { username, password } })).body
}

async function newUser(): Promise<Tokens & { username: string }> {
  const { username } = await service.newUser()
  return { username, ...(await signIn(username)) }
}

const use = (token: string, url = '') => service.request('GET', `${url}/v2/usage`, { token })
const refresh = (RefreshToken: string) => service.request('POST', '/v2/refresh', { body: { RefreshToken } })

/**
 * Waits until both processes refuse a token, and fails when that takes longer than a few seconds.
 */
async function expectEnded({ AccessToken, RefreshToken }: Tokens): Promise<void> {
  const until = Date.now() + 10_000
  for (const url of ['', another]) {
    while ((await use(AccessToken, url)).status !== 401 && Date.now() < until) await sleep(100)
    expect(await use(AccessToken, url)).toMatchObject(UNAUTHORIZED)
  }
  // It cannot be used to create or delete anything either.
  expect(await service.request('POST', '/v2/task', { token: AccessToken, body: {} })).toMatchObject(UNAUTHORIZED)
  expect(await service.request('DELETE', '/v2/task/1/files', { token: AccessToken })).toMatchObject(UNAUTHORIZED)
  expect(await refresh(RefreshToken)).toMatchObject({ status: 400, body: { message: 'Invalid Refresh Token' } })
}

/** Uses a token on both processes, so that both cache it. */
async function expectGood({ AccessToken }: Tokens): Promise<void> {
  for (const url of ['', another]) expect((await use(AccessToken, url)).status, url).toBe(200)
}

describe('the tokens of a session', () => {
  it('end when the user is removed', async () => {
    const user = await newUser()
    await expectGood(user)
    await removeUser(service.db, user.username)
    await expectEnded(user)
  })

  it('end when an administrator sets another password', async () => {
    const user = await newUser()
    await expectGood(user)
    await setPassword(service.db, user.username, 'another horse')
    await expectEnded(user)
    await expectGood(await signIn(user.username, 'another horse'))
  })

  it('end when the key that signed them is deleted', async () => {
    const user = await newUser()
    await expectGood(user)
    await service.db.query('delete from signing_keys')
    await expect.poll(async () => (await use(user.AccessToken)).status).toBe(401)
    await expect.poll(async () => (await use(user.AccessToken, another)).status).toBe(401)
    await expectGood(await signIn(user.username))
  })
})

describe('POST /v2/refresh', () => {
  it('gives new tokens for a refresh token', async () => {
    const user = await newUser()
    const renewed = await refresh(user.RefreshToken)
    expect(renewed.status).toBe(200)
    expect(Value.Check(SignInResponse, renewed.body)).toBe(true)
    await expectGood(renewed.body)
    await expectGood(user)
  })

  it('ends the session when a refresh token is used twice', async () => {
    const user = await newUser()
    const other = await signIn(user.username)
    const successor: Tokens = (await refresh((await refresh(user.RefreshToken)).body.RefreshToken)).body
    await expectGood(successor)
    expect(await refresh(user.RefreshToken)).toMatchObject({
      status: 400,
      body: { code: 'NotAuthorizedException', message: 'Invalid Refresh Token' },
    })
    await expectEnded(successor)
    await expectEnded(user)
    await expectGood(other)
  })

  it('cannot extend the session beyond its end, nor can the new tokens', async () => {
    const user = await newUser()
    const { id } = (await findUser(service.db, user.username))!
    await service.db.query(`update sessions set expire_time = now() + interval '90 seconds' where user_id = $1`, [id])
    const { body } = await refresh(user.RefreshToken)
    expect(body.ExpiresIn).toBeLessThanOrEqual(90)
    await service.db.query(`update sessions set expire_time = now() where user_id = $1`, [id])
    await expectEnded(body)
  })

  it('names the parameter that is missing', async () => {
    const response = await service.request('POST', '/v2/refresh', { body: {} })
    expect(response).toMatchObject({ status: 400, body: { message: 'Missing required parameter RefreshToken' } })
  })
})

describe('POST /v2/signout', () => {
  const signOut = (token: string | undefined, body?: object) => service.request('POST', '/v2/signout', { token, body })

  it('ends the session immediately in this process, and no other session', async () => {
    const user = await newUser()
    const other = await signIn(user.username)
    await expectGood(user)
    expect(await signOut(user.AccessToken)).toMatchObject({ status: 204, body: '' })
    expect(await use(user.AccessToken)).toMatchObject(UNAUTHORIZED)
    await expectEnded(user)
    await expectGood(other)
  })

  it('ends the tokens obtained by refreshing too', async () => {
    const user = await newUser()
    const renewed: Tokens = (await refresh(user.RefreshToken)).body
    await signOut(user.AccessToken)
    await expectEnded(renewed)
  })

  it('ends all sessions of the user, and of nobody else, with `everywhere`', async () => {
    const [user, stranger] = [await newUser(), await newUser()]
    const other = await signIn(user.username)
    expect((await signOut(user.AccessToken, { everywhere: true })).status).toBe(204)
    await expectEnded(user)
    await expectEnded(other)
    await expectGood(stranger)
  })

  it('requires a token', async () => expect(await signOut(undefined)).toMatchObject(UNAUTHORIZED))
})

describe('POST /v2/password', () => {
  const change = (token: string | undefined, old_password: string, new_password: string) =>
    service.request('POST', '/v2/password', { token, body: { old_password, new_password } })

  it('changes the password, keeps the session and ends all others of the user', async () => {
    const user = await newUser()
    const other = await signIn(user.username)
    expect(await change(user.AccessToken, PASSWORD, 'an entirely other horse')).toMatchObject({ status: 204, body: '' })
    await expectGood(user)
    await expectEnded(other)
    expect(await signIn(user.username)).toMatchObject({ message: 'Incorrect username or password.' })
    await expectGood(await signIn(user.username, 'an entirely other horse'))
    expect((await refresh(user.RefreshToken)).status).toBe(200)
  })

  it.each([
    ['a wrong old one', 'wrong', 'an entirely other horse', 'Incorrect username or password.'],
    ['a short new one', PASSWORD, 'horse', 'Password did not conform with policy: The password must have at least 8 characters.'],
    ['a common new one', PASSWORD, 'qwerty123456', expect.stringContaining('is a common one')],
    ['change-me', PASSWORD, 'change-me-123', expect.stringContaining('too similar')],
    ['none', PASSWORD, '', 'Missing required parameter new_password'],
  ])('refuses %s, and changes nothing', async (_what, old_password, new_password, message) => {
    const user = await newUser()
    const response = await change(user.AccessToken, old_password, new_password)
    expect(response).toMatchObject({ status: 400, body: { message } })
    expect(Value.Check(SignInError, response.body)).toBe(true)
    await expectGood(user)
    await expectGood(await signIn(user.username))
  })

  it('requires a token', async () => {
    expect(await change(undefined, PASSWORD, 'an entirely other horse')).toMatchObject(UNAUTHORIZED)
  })
})

describe('GET /openapi.json', () => {
  it('describes signing out and changing a password', async () => {
    const { paths } = (await service.request('GET', '/openapi.json')).body
    for (const path of ['/v2/signout', '/v2/password', '/v2/refresh']) expect(paths[path]?.post, path).toBeDefined()
    expect(paths['/v2/password'].post.security).toEqual([{ accessToken: [] }])
  })
})
