import { randomUUID } from 'node:crypto'
import { addUser, signingKeys } from '@obscura/shared'
import { createRemoteJWKSet, decodeJwt, importJWK, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import Value from 'typebox/value'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SignInError, SignInResponse } from '../schemas.js'
import { ISSUER, PASSWORD, type Service, startService } from '../test/service.js'

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
    expect(Value.Check(SignInResponse, body)).toBe(true)
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
    const response = await signIn(body())
    expect(response.status).toBe(400)
    expect(Value.Check(SignInError, response.body)).toBe(true)
    expect(response.body).toMatchObject({
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
    const response = await signIn(body)
    expect(response.status).toBe(400)
    expect(Value.Check(SignInError, response.body)).toBe(true)
    expect(response.body).toMatchObject({ message, code: 'InvalidParameterException', statusCode: 400 })
  })

  it('accepts forty right passwords at the same time', async () => {
    const many = await Promise.all(Array.from({ length: 40 }, () => signIn({ username, password: PASSWORD })))
    expect(many.map(({ status }) => status)).toEqual(Array(40).fill(200))
  })

  it('finds the user when the name is typed with white space or in full width', async () => {
    const response = await signIn({ username: ` ${username.replace('ann', 'ａｎｎ')}\n`, password: PASSWORD })
    expect(response.status).toBe(200)
  })
})

describe('the access token', () => {
  it('is accepted bare and after Bearer, in any case', async () => {
    const token = await service.signIn(username)
    for (const form of [token, `Bearer ${token}`, `bearer ${token}`]) expect((await check(form)).status, form).toBe(200)
  })

  it('remains valid when a newer one is issued', async () => {
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

  it('cannot be the ID token, the refresh token, altered, or signed by somebody else', async () => {
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

  it('expires', async () => {
    const [key] = await signingKeys(service.db)
    const claims = decodeJwt(await service.signIn(username))
    const token = await new SignJWT({ ...claims, iat: claims.iat! - 7200, exp: claims.exp! - 7200 })
      .setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: 'JWT' })
      .sign(await importJWK(key.privateJwk))
    expect(await check(token)).toMatchObject({ status: 401, body: { message: 'The incoming token has expired' } })
  })

  it.each([
    ['another issuer', { iss: 'https://elsewhere.example' }],
    ['another audience', { aud: 'obscura-client' }],
    ['no audience', { aud: undefined }],
    ['no session, as those of versions before sessions', { sid: undefined }],
    ['the session of another user', { sub: randomUUID() }],
    ['a session that never was', { sid: randomUUID() }],
  ])('is refused with %s', async (_what, change) => {
    const [key] = await signingKeys(service.db)
    const sign = async (claims: JWTPayload) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', kid: key.kid, typ: 'JWT' }).sign(await importJWK(key.privateJwk))
    const claims = decodeJwt(await service.signIn(username))
    expect((await check(await sign(claims))).status).toBe(200)
    expect(await check(await sign({ ...claims, ...change }))).toMatchObject({ status: 401, body: { message: 'Unauthorized' } })
  })

  it('names its issuer, whatever host the client claims to have reached', async () => {
    const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }
    const { body } = await signIn({ username, password: PASSWORD }, headers)
    expect(decodeJwt(body.AccessToken)).toMatchObject({ iss: ISSUER, aud: 'obscura-api' })
    expect(decodeJwt(body.IdToken)).toMatchObject({ iss: ISSUER, aud: 'obscura-client' })
  })

  it('can be verified by anybody with the published keys', async () => {
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', service.url))
    const { payload } = await jwtVerify(await service.signIn(username), keys, { issuer: ISSUER, audience: 'obscura-api' })
    expect(payload).toMatchObject({ token_use: 'access', username })
    const published = await service.request('GET', '/.well-known/jwks.json')
    expect(JSON.stringify(published.body)).not.toContain('"d"')
  })
})
