import { announceModels, findUser, NotAdministratorError, removeUserAsAdmin, setAdmin, setAdminAsAdmin } from '@obscura/shared'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PASSWORD, type Service, startService } from '../../test/service.js'

let service: Service
let admin: { username: string; token: string; customer: string }
let user: { username: string; token: string; customer: string }

beforeAll(async () => {
  service = await startService()
  admin = await service.newUser()
  user = await service.newUser()
  await setAdmin(service.db, admin.username, true)
})
afterAll(() => service.close())

const ask = (method: string, path: string, body?: unknown, token = admin.token) =>
  service.request(method, `/v2/admin${path}`, { token, body })
const pathOf = (username: string) => `/users/${encodeURIComponent(username)}`
const changes = async (subject: string) =>
  (await ask('GET', '/audit?limit=1000')).body.items.filter((item: { subject: string }) => item.subject === subject)

describe('administration by the API', () => {
  it('adds, lists, promotes, signs out and removes users, and records each change with who made it', async () => {
    const username = `Ann ${Date.now()}`
    const customer = `acme ${username}`
    const added = await ask('POST', '/users', { username, password: PASSWORD, customer })
    expect(added).toMatchObject({ status: 200, body: { username, customer, is_admin: false } })
    expect(JSON.stringify(added.body)).not.toMatch(/hash|password/)
    expect((await ask('GET', '/users')).body.items).toContainEqual(added.body)
    const token = await service.signIn(username)
    expect((await ask('GET', '/users', undefined, token)).status).toBe(403)

    expect((await ask('PUT', `${pathOf(username)}/admin`)).status).toBe(204)
    expect((await ask('GET', '/users', undefined, token)).status).toBe(200)
    expect((await ask('DELETE', `${pathOf(username)}/admin`)).status).toBe(204)
    expect((await ask('GET', '/users', undefined, token)).status).toBe(403)

    expect(await ask('DELETE', `${pathOf(username)}/sessions`)).toMatchObject({ status: 200, body: { count: 1 } })
    expect((await ask('PUT', `${pathOf(username)}/password`, { password: 'another stable' })).status).toBe(204)
    const wrong = await service.request('POST', '/v2/signin', { body: { username, password: PASSWORD } })
    expect(wrong.status).toBe(400)
    expect((await ask('DELETE', pathOf(username))).status).toBe(204)

    const recorded = await changes(username)
    expect(recorded.map(({ action }: { action: string }) => action)).toEqual([
      ...['user_removed', 'password_set', 'sessions_ended', 'admin_revoked', 'admin_granted', 'user_added'],
    ])
    for (const change of recorded)
      expect(change).toMatchObject({ username: admin.username, customer: admin.customer, task_id: null, address: '127.0.0.1' })
  })

  it('explains what is refused, and changes nothing then', async () => {
    const weak = await ask('POST', '/users', { username: 'weak', password: 'horse' })
    expect(weak).toMatchObject({
      status: 400,
      body: { error: 'Could not save the user. The password must have at least 8 characters.' },
    })
    expect(await ask('POST', '/users', { username: 'a/b', password: PASSWORD })).toMatchObject({ status: 400 })
    expect(await ask('POST', '/users', { username: user.username.toUpperCase(), password: PASSWORD })).toMatchObject({
      status: 409,
      body: { error: `Could not add the user. A user named ${user.username} already exists.` },
    })
    for (const body of ['', '[]', '{"username": 1}', '{"username": "x"}'])
      expect((await ask('POST', '/users', body)).status).toBe(400)
    for (const [method, path] of [
      ['PUT', '/password'],
      ['PUT', '/admin'],
      ['DELETE', '/admin'],
      ['DELETE', '/sessions'],
      ['DELETE', ''],
    ])
      expect(await ask(method, `${pathOf('nobody')}${path}`, { password: PASSWORD })).toMatchObject({
        status: 404,
        body: { error: 'There is no user named nobody.' },
      })
    expect(await changes('nobody')).toEqual([])
    expect(await service.signIn(user.username)).toBeDefined()
  })

  it('always leaves an administrator: nobody removes themselves or their own role, however the name is written', async () => {
    for (const name of [admin.username, ` ${admin.username} `])
      for (const path of [pathOf(name), `${pathOf(name)}/admin`])
        expect(await ask('DELETE', path)).toMatchObject({
          status: 409,
          body: { error: expect.stringContaining('Another administrator') },
        })
    expect((await ask('GET', '/users')).status).toBe(200)
  })

  it.each([
    ['their roles', (context, username) => setAdminAsAdmin(context, username, false)],
    ['their accounts', removeUserAsAdmin],
  ] as [string, typeof removeUserAsAdmin][])('leaves one of two who remove %s at once', async (_, remove) => {
    const { db, dependencies } = service
    const pair = [await service.newUser(), await service.newUser()]
    for (const { username } of pair) await setAdmin(db, username, true)
    const actors = await Promise.all(pair.map(async ({ username }) => (await findUser(db, username))!))
    // Both have passed the check of the route.
    const removed = await Promise.allSettled(
      actors.map(({ id: userId, customerId, username }, i) => {
        const actor = { userId, customerId, username, address: '::1' }
        return remove({ db, log: dependencies.log, minPasswordLength: 8, actor }, pair[1 - i].username)
      }),
    )
    expect(removed.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(removed).toContainEqual({ status: 'rejected', reason: expect.any(NotAdministratorError) })
  })

  it.each([
    ['its sessions are ended', 'DELETE', '/sessions'],
    ['its password is set', 'PUT', '/password'],
    ['it is removed', 'DELETE', ''],
  ])("refuses a user's token at once when %s", async (_, method, path) => {
    const { username, token } = await service.newUser()
    const use = async () => (await service.request('GET', '/v2/usage/days', { token })).status
    expect(await use()).toBe(200)
    expect((await ask(method, `${pathOf(username)}${path}`, { password: 'another stable' })).status).toBeLessThan(300)
    expect(await use()).toBe(401)
  })

  it('makes no change that cannot be recorded', async () => {
    const { username, token, customer } = await service.newUser()
    const path = pathOf(username)
    await service.db.query('alter table audit_log add constraint broken check (false) not valid')
    try {
      for (const [method, target, body] of [
        ['POST', '/users', { username: `${username} 2`, password: PASSWORD, customer }],
        ['PUT', `${path}/password`, { password: 'another stable' }],
        ['PUT', `${path}/admin`, undefined],
        ['DELETE', `${path}/sessions`, undefined],
        ['DELETE', path, undefined],
      ] as const)
        expect((await ask(method, target, body)).status).toBe(500)
    } finally {
      await service.db.query('alter table audit_log drop constraint broken')
    }
    const { items } = (await ask('GET', '/users')).body
    const own = items.filter((item: { customer: string }) => item.customer === customer)
    expect(own).toMatchObject([{ username, is_admin: false }])
    expect((await service.request('GET', '/v2/usage/days', { token })).status).toBe(200)
    expect(await service.signIn(username)).toBeDefined()
  })

  it('removes a customer only when it has neither users nor tasks', async () => {
    const other = await service.newUser()
    const { task_id } = await service.create(other.token)
    const list = async () => (await ask('GET', '/customers')).body.items as { customer: string; customer_id: string }[]
    const listed = (await list()).find(({ customer }) => customer === other.customer)!
    expect(listed).toMatchObject({ users: 1, tasks: 1 })
    const remove = () => ask('DELETE', `/customers/${listed.customer_id}`)
    expect(await remove()).toMatchObject({ status: 409, body: { error: expect.stringContaining('has users or tasks') } })
    await ask('DELETE', pathOf(other.username))
    expect((await remove()).status).toBe(409)
    await service.db.query('delete from tasks where id = $1', [task_id])
    expect((await remove()).status).toBe(204)
    expect((await list()).map(({ customer }) => customer)).not.toContain(other.customer)
    for (const id of [listed.customer_id, 'x', '%00', "' or true --"])
      expect((await ask('DELETE', `/customers/${encodeURIComponent(id)}`)).status).toBe(404)
    expect(await changes(other.customer)).toMatchObject([{ action: 'customer_removed' }])
  })

  it('sets the retention of a customer, at most that of the service, and returns it', async () => {
    const other = await service.newUser()
    const customer = async () =>
      (await ask('GET', '/customers')).body.items.find((item: { customer: string }) => item.customer === other.customer)
    const { customer_id: id, retention_days } = await customer()
    expect(retention_days).toBe(null)
    const set = (days: unknown, of = id) => ask('PUT', `/customers/${of}/retention`, { days })
    for (const days of [0, 91, 1.5, '7', undefined])
      expect(await set(days)).toMatchObject({ status: 400, body: { error: expect.stringContaining('with 1 to 90, or null') } })
    expect([(await set(7)).status, (await customer()).retention_days]).toEqual([204, 7])
    expect([(await set(null)).status, (await customer()).retention_days]).toEqual([204, null])
    for (const unknown of ['x', '%00', "' or true --"]) expect((await set(7, encodeURIComponent(unknown))).status).toBe(404)
    expect(await changes(other.customer)).toMatchObject([{ action: 'retention_set' }, { action: 'retention_set' }])
  })

  it('shows health, retention, workers and their models', async () => {
    const models = { profile: 'standard', fingerprint: '0123456789ab', models: [{ name: 'net', sha256: 'a'.repeat(64) }] }
    await announceModels(service.db, 'worker one', models)
    const { body } = await ask('GET', '/service')
    expect(body).toMatchObject({
      ...{ ready: true, retention_days: 90, task_rows_days: 365, models: [] },
      checks: { database: 'ok', store: 'ok', dispatcher: 'ok' },
      workers: [{ worker: 'worker one', ...models }],
    })
  })
})

const ROUTES = [
  ['GET', '/users'],
  ['POST', '/users'],
  ['DELETE', '/users/USER'],
  ['PUT', '/users/USER/password'],
  ['PUT', '/users/USER/admin'],
  ['DELETE', '/users/USER/admin'],
  ['DELETE', '/users/USER/sessions'],
  ['GET', '/customers'],
  ['DELETE', '/customers/1'],
  ['PUT', '/customers/1/retention'],
  ['GET', '/service'],
  ['GET', '/usage'],
  ['GET', '/audit'],
] as const

describe.each(ROUTES)('%s /v2/admin%s', (method, route) => {
  it('is for administrators only: not for users of any customer, a cookie or an old token', async () => {
    const path = route.replace('USER', encodeURIComponent(admin.username))
    const body = method === 'GET' ? undefined : { username: 'mallory', password: 'the stable mallet' }
    expect(await ask(method, path, body, user.token)).toMatchObject({
      status: 403,
      body: { error: expect.stringContaining('administrators') },
    })
    expect((await service.request(method, `/v2/admin${path}`, { body })).status).toBe(401)
    // The page's cookie alone does nothing here: another site could make a browser send it.
    const signedIn = await service.request('POST', '/session', {
      body: { username: admin.username, password: PASSWORD },
      headers: { 'x-obscura-page': '1' },
    })
    const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]
    expect((await service.request(method, `/v2/admin${path}`, { body, headers: { cookie } })).status).toBe(401)
    expect(await service.signIn(admin.username)).toBeDefined()
  })
})
