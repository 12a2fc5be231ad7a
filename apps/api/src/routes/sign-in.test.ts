import { randomUUID } from 'node:crypto'
import { addUser, signingKeys } from '@obscura/shared'
import { createRemoteJWKSet, decodeJwt, importJWK, jwtVerify, SignJWT } from 'jose'
import Value from 'typebox/value'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SignInAnswer, SignInError } from '../schemas.js'
import { PASSWORD, type Service, startService } from '../test/service.js'

let service: Service
const username = `ann-${randomUUID()}`

beforeAll(async () => {
  service = await startService()
  await addUser(service.db, username, PASSWORD, `acme-${randomUUID()}`)
})
afterAll(() => service.close())

const signIn = (body: unknown, headers?: Record<string, string>, path = '/v2/signin') =>
  service.request('POST', path, { body, headers })
const check = (token: string) => service.request('GET', '/v2/usage', { token })

describe('POST /v2/signin', () => {
  it('answers with the five fields, at the top and under AuthenticationResult', async () => {
    const { status, body } = await signIn({ username, password: PASSWORD })
    expect(status).toBe(200)
    expect(Value.Check(SignInAnswer, body)).toBe(true)
    const { AuthenticationResult, ...flat } = body
    expect(AuthenticationResult).toEqual(flat)
    expect(flat).toMatchObject({ ExpiresIn: 3600, TokenType: 'Bearer' })
    const { exp, iat } = decodeJwt(flat.AccessToken)
    expect(exp! - iat!).toBe(3600)
  })

  it.each(['application/json', 'text/plain;charset=UTF-8', 'application/x-www-form-urlencoded', 'nonsense', undefined])(
    'reads JSON declared as %s, with a trailing slash as well',
    async type => {
      const { status } = await signIn(
        JSON.stringify({ username, password: PASSWORD }),
        type === undefined ? {} : { 'content-type': type },
        '/v2/signin/',
      )
      expect(status).toBe(200)
    },
  )

  it.each([
    ['a wrong password', () => ({ username, password: 'wrong' })],
    ['an unknown user', () => ({ username: 'nobody', password: PASSWORD })],
  ])('refuses %s in the form of AWS Cognito', async (_what, body) => {
    const answer = await signIn(body())
    expect(answer.status).toBe(400)
    expect(Value.Check(SignInError, answer.body)).toBe(true)
    expect(answer.body).toMatchObject({
      message: 'Incorrect username or password.',
      code: 'NotAuthorizedException',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      statusCode: 400,
      retryable: false,
      retryDelay: expect.any(Number),
    })
  })

  it.each([
    [{ password: 'x' }, 'Missing required parameter username'],
    [{ username: 'x', password: '' }, 'Missing required parameter password'],
    [{ username: 5, password: 'x' }, 'Missing required parameter username'],
    [{ username: 'nul \0', password: 'x' }, 'Missing required parameter username'],
    ['', 'Missing required parameter username'],
    ['{', 'Request body is not correct. It is not valid JSON.'],
    ['[]', 'Request body is not correct. It is not a JSON object.'],
  ])('refuses %j', async (body, message) => {
    const answer = await signIn(body)
    expect(answer.status).toBe(400)
    expect(Value.Check(SignInError, answer.body)).toBe(true)
    expect(answer.body).toMatchObject({ message, code: 'InvalidParameterException', statusCode: 400 })
  })

  it('holds up one who guesses, but neither another user nor many right passwords', async () => {
    const guessed = await service.newUser()
    for (let i = 0; i < 10; i++) await signIn({ username: guessed.username, password: `wrong ${i}` })
    const answer = await signIn({ username: guessed.username, password: PASSWORD })
    expect(answer).toMatchObject({ status: 400, body: { code: 'NotAuthorizedException', message: 'Password attempts exceeded' } })
    const many = await Promise.all(Array.from({ length: 40 }, () => signIn({ username, password: PASSWORD })))
    expect(many.map(({ status }) => status)).toEqual(Array(40).fill(200))
  })

  it('answers only the first of many guesses at the same moment', async () => {
    const guessed = await service.newUser()
    const guesses = Array.from({ length: 40 }, (_, i) => signIn({ username: guessed.username, password: `wrong ${i}` }))
    const messages = (await Promise.all(guesses)).map(({ body }) => body.message)
    expect(messages.filter(message => message === 'Incorrect username or password.')).toHaveLength(10)
  })
})

describe('the access token', () => {
  it('is taken bare and after Bearer, in any case', async () => {
    const token = await service.signIn(username)
    for (const form of [token, `Bearer ${token}`, `bearer ${token}`]) expect((await check(form)).status, form).toBe(200)
  })

  it('stays good when a newer one is issued', async () => {
    const first = await service.signIn(username)
    await service.signIn(username)
    expect((await check(first)).status).toBe(200)
  })

  it('is required', async () => {
    for (const path of ['/v2/task/1', '/v2/task/1/status', '/v2/task/1/metadata', '/v2/task/list', '/v2/task']) {
      expect(await service.request('GET', path), path).toMatchObject({ status: 401, body: { message: 'Unauthorized' } })
    }
    for (const [method, path] of [
      ['POST', '/v2/task'],
      ['POST', '/v2/task/1/start'],
      ['DELETE', '/v2/task/1/files'],
    ]) {
      expect(await service.request(method, path), path).toMatchObject({ status: 401, body: { message: 'Unauthorized' } })
    }
  })

  it('can be neither the id token, nor the refresh token, nor altered, nor made by somebody else', async () => {
    const { body } = await signIn({ username, password: PASSWORD })
    const [header, payload, signature] = body.AccessToken.split('.')
    const claims = { ...decodeJwt(body.AccessToken), customer_id: randomUUID() }
    const altered = Buffer.from(JSON.stringify(claims)).toString('base64url')
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url')
    for (const token of [
      body.IdToken,
      body.RefreshToken,
      `${header}.${altered}.${signature}`,
      `${unsigned}.${payload}.`,
      'Bearer',
      'x',
      'a.b.c',
    ]) {
      expect(await check(token), token).toMatchObject({ status: 401, body: { message: 'Unauthorized' } })
    }
  })

  it('ends', async () => {
    const [key] = await signingKeys(service.db)
    const token = await new SignJWT({ token_use: 'access', customer_id: randomUUID() })
      .setProtectedHeader({ alg: 'EdDSA', kid: key.kid })
      .setSubject(randomUUID())
      .setExpirationTime('-1s')
      .sign(await importJWK(key.privateJwk))
    expect(await check(token)).toMatchObject({ status: 401, body: { message: 'The incoming token has expired' } })
  })

  it('can be verified by anybody with the published keys', async () => {
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', service.url))
    const { payload } = await jwtVerify(await service.signIn(username), keys, { issuer: 'obscura' })
    expect(payload).toMatchObject({ token_use: 'access', username })
    const published = await service.request('GET', '/.well-known/jwks.json')
    expect(JSON.stringify(published.body)).not.toContain('"d"')
  })
})

describe('POST /v2/refresh', () => {
  it('gives new tokens for a refresh token, once', async () => {
    const { RefreshToken } = (await signIn({ username, password: PASSWORD })).body
    const refresh = () => service.request('POST', '/v2/refresh', { body: { RefreshToken } })
    const renewed = await refresh()
    expect(renewed.status).toBe(200)
    expect(Value.Check(SignInAnswer, renewed.body)).toBe(true)
    expect((await check(renewed.body.AccessToken)).status).toBe(200)
    expect(await refresh()).toMatchObject({
      status: 400,
      body: { code: 'NotAuthorizedException', message: 'Invalid Refresh Token' },
    })
  })

  it('names the parameter that is missing', async () => {
    const answer = await service.request('POST', '/v2/refresh', { body: {} })
    expect(answer).toMatchObject({ status: 400, body: { message: 'Missing required parameter RefreshToken' } })
  })
})
