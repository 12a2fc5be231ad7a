/**
 * What the log and the metrics report about signing in and administration, and what they leave out.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { createLogger, startMetricsServer } from '@obscura/shared'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startAdmin } from '../admin/app.js'
import { PASSWORD, type Service, startService } from '../test/service.js'

interface Line {
  level: number
  event?: string
  msg: string
  [detail: string]: unknown
}

let service: Service
let written = ''

beforeAll(async () => {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written += chunk
      done()
    },
  })
  service = await startService(dependencies => ({ ...dependencies, log: createLogger('debug', stream) }))
})
afterAll(() => service.close())

const lines = () =>
  written
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as Line)
const last = (event: string) => lines().findLast(line => line.event === event)
const post = (path: string, body?: object, token?: string, headers?: Record<string, string>) =>
  service.request('POST', path, { body, token, headers })

async function counted(event: string, reason = ''): Promise<number> {
  const server = await startMetricsServer(0, '127.0.0.1', async () => undefined)
  const text = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text()
  await server.close()
  const line = text.split('\n').find(line => line.startsWith(`obscura_access_events_total{event="${event}",reason="${reason}"}`))
  return Number(line?.split(' ').at(-1) ?? 0)
}

describe('the log and the metrics', () => {
  it('show who signed in and out from where, and why others were refused', async () => {
    const { username } = await service.newUser()
    const before = await counted('sign_in')
    const { body } = await post('/v2/signin', { username, password: PASSWORD })
    expect(last('sign_in')).toMatchObject({ level: 30, actor: username, userId: expect.any(String), address: '127.0.0.1' })
    expect(await counted('sign_in')).toBe(before + 1)

    await post('/v2/signin', { username, password: 'a wrong one' })
    expect(last('sign_in_refused')).toMatchObject({ level: 40, actor: username, address: '127.0.0.1', reason: 'wrong_password' })
    await post('/v2/signin', { username: 'my-password-in-the-wrong-field', password: 'a wrong one' })
    expect(last('sign_in_refused')).toMatchObject({ address: '127.0.0.1', reason: 'unknown_user' })
    expect(last('sign_in_refused')).not.toHaveProperty('actor')
    const nobody = `nobody-${randomUUID()}`
    for (let i = 0; i < 11; i++) await post('/v2/signin', { username: nobody, password: 'a wrong one' })
    expect(last('sign_in_refused')).toMatchObject({ address: '127.0.0.1', reason: 'throttled' })
    for (const reason of ['wrong_password', 'unknown_user', 'throttled'])
      expect(await counted('sign_in_refused', reason), reason).toBeGreaterThan(0)

    const password = { old_password: PASSWORD, new_password: 'an entirely other horse' }
    await post('/v2/password', password, body.AccessToken)
    expect(last('password_changed')).toMatchObject({ actor: username, address: '127.0.0.1' })
    const renewed = (await post('/v2/refresh', { RefreshToken: body.RefreshToken })).body
    await post('/v2/signout', undefined, renewed.AccessToken)
    expect(last('sign_out')).toMatchObject({ actor: username, address: '127.0.0.1' })

    for (const secret of [
      PASSWORD,
      'a wrong one',
      'my-password-in-the-wrong-field',
      'an entirely other horse',
      body.AccessToken,
      body.RefreshToken,
      renewed.RefreshToken,
    ])
      expect(written).not.toContain(secret)
  })

  it('show a refresh token that was used twice, and invalid ones', async () => {
    const { username } = await service.newUser()
    const { RefreshToken } = (await post('/v2/signin', { username, password: PASSWORD })).body
    await post('/v2/refresh', { RefreshToken })
    await post('/v2/refresh', { RefreshToken })
    expect(last('refresh_reused')).toMatchObject({ level: 50, userId: expect.any(String), address: '127.0.0.1' })
    await post('/v2/refresh', { RefreshToken: 'made up' })
    expect(last('refresh_refused')).toMatchObject({ level: 40, address: '127.0.0.1', reason: 'unknown' })
  })

  it('count refused access tokens by reason', async () => {
    const { token } = await service.newUser()
    await post('/v2/signout', undefined, token)
    const use = (token?: string) => service.request('GET', '/v2/usage', { token })
    for (const [token_, reason] of [
      [token, 'session_ended'],
      [undefined, 'missing'],
      ['a.b.c', 'malformed'],
      [`${Buffer.from('{"alg":"EdDSA","kid":"invented"}').toString('base64url')}.e30.x`, 'unknown_key'],
      [`${token.slice(0, -8)}AAAAAAAA`, 'invalid'],
    ] as const) {
      const before = await counted('token_refused', reason)
      expect((await use(token_)).status).toBe(401)
      expect(await counted('token_refused', reason), reason).toBe(before + 1)
    }
    expect(last('token_refused')).toMatchObject({ address: '127.0.0.1', reason: 'invalid' })
  })

  it('show what an administrator did', async () => {
    const admin = await startAdmin(service.dependencies, join(service.folder, 'data'))
    const { request } = await import('node:http')
    const ask = (method: string, path: string, body?: object) =>
      new Promise(resolve =>
        request({ socketPath: join(service.folder, 'data/admin/socket'), method, path, agent: false }, response =>
          response.resume().on('end', resolve),
        ).end(body && JSON.stringify(body)),
      )
    const user = `user-${randomUUID()}`
    const about = { level: 30, actor: 'administrator', user, userId: expect.any(String) }
    await ask('POST', '/admin/users', { username: user, password: PASSWORD })
    expect(last('user_added')).toMatchObject(about)
    await ask('PUT', `/admin/users/${user}/password`, { password: 'an entirely other horse' })
    expect(last('password_set')).toMatchObject(about)
    await ask('DELETE', `/admin/users/${user}/sessions`)
    expect(last('sessions_ended')).toMatchObject({ ...about, count: 0 })
    await ask('DELETE', `/admin/users/${user}`)
    expect(last('user_removed')).toMatchObject(about)
    await admin.close()
  })

  it('warn once about a proxy when TRUST_PROXY is off', async () => {
    const warnings = () => lines().filter(({ msg }) => msg.includes('TRUST_PROXY=1'))
    expect(warnings()).toHaveLength(0)
    for (let i = 0; i < 3; i++)
      await service.request('GET', '/health', { headers: { 'x-forwarded-for': '192.0.2.7', 'x-forwarded-host': 'evil.example' } })
    expect(warnings()).toMatchObject([{ level: 40 }])
  })
})
