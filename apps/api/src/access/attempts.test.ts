/** Password guessing as attackers do it, against real services. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { addUser } from '@obscura/shared'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PASSWORD, type Service, startService } from '../test/service.js'
import { createAttempts } from './attempts.js'

const WRONG = 'Incorrect username or password.'
const EXCEEDED = 'Password attempts exceeded'

let service: Service
/** Another API process on the same database. */
let another: string

beforeAll(async () => {
  service = await startService(dependencies => ({
    ...dependencies,
    settings: { ...dependencies.settings, trustProxy: true },
  }))
  another = await service.startAnother()
})
afterAll(() => service.close())

/** A user who never signed in. */
async function newUser(): Promise<string> {
  const username = `user-${randomUUID()}`
  await addUser(service.db, username, PASSWORD, 'Acme')
  return username
}

let lastAddress = 0
/** An unused address: attempts of one test must not count against another. */
const newAddress = () => `10.${++lastAddress >> 16}.${(lastAddress >> 8) & 255}.${lastAddress & 255}`

interface From {
  address: string
  url?: string
}

async function signIn(username: string, password: string, { address, url = '' }: From): Promise<string> {
  const headers = { 'x-forwarded-for': address }
  const { status, body } = await service.request('POST', `${url}/v2/signin`, { body: { username, password }, headers })
  return status === 200 ? 'right' : body.message
}

/**
 * Tries wrong passwords one after the other.
 * @returns how many got a response other than "too many attempts"
 */
async function guess(username: string, count: number, from: () => From): Promise<number> {
  let answered = 0
  for (let i = 0; i < count; i++) if ((await signIn(username, `wrong ${i}`, from())) === WRONG) answered++
  return answered
}

describe('wrong passwords from one address', () => {
  it('are answered ten times; then even the right password is refused', async () => {
    const username = await newUser()
    const from = { address: newAddress() }
    expect(await guess(username, 12, () => from)).toBe(10)
    expect(await signIn(username, PASSWORD, from)).toBe(EXCEEDED)
    const headers = { 'x-forwarded-for': from.address }
    expect(await service.request('POST', '/v2/signin', { body: { username, password: 'wrong' }, headers })).toMatchObject({
      status: 400,
      body: { code: 'NotAuthorizedException', message: EXCEEDED, statusCode: 400, retryable: false },
    })
  })

  it('do not block other users or other addresses', async () => {
    const [username, other] = [await newUser(), await newUser()]
    const from = { address: newAddress() }
    await guess(username, 11, () => from)
    expect(await signIn(other, PASSWORD, from)).toBe('right')
    expect(await signIn(username, PASSWORD, { address: newAddress() })).toBe('right')
  })

  it('are counted across all API processes', async () => {
    const username = await newUser()
    const from = { address: newAddress() }
    let turn = 0
    expect(await guess(username, 12, () => ({ ...from, url: turn++ % 2 ? another : '' }))).toBe(10)
  })

  it('are counted whatever form the name is written in', async () => {
    const username = await newUser()
    const from = { address: newAddress() }
    await guess(` ${username}`, 6, () => from)
    expect(await guess(`${username}\t`, 6, () => from)).toBe(4)
  })

  it('are counted for the whole /64 of an IPv6 address, and for an IPv4 address in either form', async () => {
    const username = await newUser()
    let host = 0
    expect(await guess(username, 12, () => ({ address: `2001:db8:77:1::${(++host).toString(16)}` }))).toBe(10)
    expect(await signIn(username, PASSWORD, { address: '2001:db8:77:2::1' })).toBe('right')
    const address = newAddress()
    await guess(username, 6, () => ({ address }))
    expect(await guess(username, 6, () => ({ address: `::ffff:${address}` }))).toBe(4)
  })

  it('count for all networks of one IPv6 /48 as well, which one attacker may have', async () => {
    const username = await newUser()
    let network = 0
    expect(await guess(username, 40, () => ({ address: `2001:db8:78:${(++network).toString(16)}::1` }))).toBe(30)
    expect(await signIn(username, PASSWORD, { address: '2001:db8:79:1::1' })).toBe('right')
  })

  it('count together though the proxy names the port of each connection', async () => {
    const username = await newUser()
    const address = newAddress()
    let port = 50_000
    expect(await guess(username, 12, () => ({ address: `${address}:${++port}` }))).toBe(10)
  })

  it('of many users are answered a hundred times', async () => {
    const from = { address: newAddress() }
    let answered = 0
    for (let i = 0; i < 104; i++) if ((await signIn(`nobody-${i}`, 'wrong', from)) === WRONG) answered++
    expect(answered).toBe(100)
  })

  it('are forgotten after the right password', async () => {
    const username = await newUser()
    const from = { address: newAddress() }
    expect(await guess(username, 9, () => from)).toBe(9)
    expect(await signIn(username, PASSWORD, from)).toBe('right')
    expect(await guess(username, 12, () => from)).toBe(12)
  })
})

describe('simultaneous wrong passwords', () => {
  it('are counted before they are answered: at most ten of 1,500 are checked', async () => {
    const username = await newUser()
    const from = { address: newAddress() }
    const { token } = await service.newUser()
    const guesses = Array.from({ length: 1500 }, (_, i) => signIn(username, `wrong ${i}`, { ...from, url: i % 2 ? another : '' }))
    // Other users are served meanwhile.
    const created = await service.create(token)
    expect((await service.upload(created.upload_url)).status).toBe(200)
    const messages = await Promise.all(guesses)
    expect(messages.filter(message => message === WRONG)).toHaveLength(10)
    expect(new Set(messages)).toEqual(new Set([WRONG, EXCEEDED]))
  })

  it('are hashed at most ten times, one at a time, and at most 2,000 of them wait', async () => {
    const attempts = createAttempts(service.db)
    const attempt = { username: await newUser(), address: newAddress() }
    let [hashed, running, most] = [0, 0, 0]
    const check = async () => {
      hashed++
      most = Math.max(most, ++running)
      await sleep(5)
      running--
      return { right: false }
    }
    const outcomes = await Promise.allSettled(Array.from({ length: 2500 }, () => attempts.password(attempt, check)))
    const codes = outcomes.map(outcome => (outcome.status === 'rejected' ? outcome.reason.code : 'answered'))
    const count = (code: string) => codes.filter(each => each === code).length
    expect([count('answered'), count('attemptsExceeded')]).toEqual([10, 1991])
    expect(count('signInBusy')).toBe(499)
    expect({ hashed, most }).toEqual({ hashed: 10, most: 1 })
  })

  it('do not delay the right passwords of users in known networks', async () => {
    const [attacked, username] = [await newUser(), await newUser()]
    const home = { address: newAddress() }
    expect(await signIn(username, PASSWORD, home)).toBe('right')
    const guesses = Array.from({ length: 200 }, (_, i) => signIn(attacked, `wrong ${i}`, { address: newAddress() }))
    const own = await Promise.all(Array.from({ length: 20 }, () => signIn(username, PASSWORD, home)))
    expect(own).toEqual(Array(20).fill('right'))
    await Promise.all(guesses)
  })
})

describe('a user attacked from many addresses', () => {
  it('can still sign in from known networks, and may try from a new address', async () => {
    const username = await newUser()
    const home = { address: newAddress() }
    expect(await signIn(username, PASSWORD, home)).toBe('right')
    for (let i = 0; i < 11; i++) {
      const address = newAddress()
      await guess(username, 10, () => ({ address }))
    }
    expect(await signIn(username, PASSWORD, home)).toBe('right')
    expect(await signIn(username, PASSWORD, { ...home, url: another })).toBe('right')
    expect(await signIn(username, PASSWORD, { address: newAddress() })).toBe('right')
    // A new address has fewer attempts than before.
    const address = newAddress()
    expect(await guess(username, 10, () => ({ address }))).toBe(3)
  })

  it('is not locked out by ten wrong passwords from their own address', async () => {
    const username = await newUser()
    const office = { address: newAddress() }
    expect(await signIn(username, PASSWORD, office)).toBe('right')
    expect(await guess(username, 20, () => office)).toBe(20)
    expect(await signIn(username, PASSWORD, office)).toBe('right')
    expect(await guess(username, 105, () => office)).toBe(100)
  })
})

describe('wrong refresh tokens and wrong old passwords', () => {
  it('are answered a limited number of times, then refused', async () => {
    const headers = { 'x-forwarded-for': newAddress() }
    const refresh = async () =>
      (await service.request('POST', '/v2/refresh', { body: { RefreshToken: 'made up' }, headers })).body.message
    for (let i = 0; i < 100; i++) expect(await refresh()).toBe('Invalid Refresh Token')
    expect(await refresh()).toBe(EXCEEDED)

    // A colleague, or everybody behind a proxy when TRUST_PROXY is off.
    const { username, token } = await service.newUser()
    const { RefreshToken } = (await service.request('POST', '/v2/signin', { body: { username, password: PASSWORD } })).body
    expect((await service.request('POST', '/v2/refresh', { body: { RefreshToken }, headers })).status).toBe(200)

    const body = { old_password: 'wrong', new_password: 'an entirely other horse' }
    const change = async () => (await service.request('POST', '/v2/password', { token, body, headers })).body.message
    for (let i = 0; i < 10; i++) expect(await change()).toBe(WRONG)
    expect(await change()).toBe(EXCEEDED)
  })

  it('do not include valid refresh tokens', async () => {
    const { username } = await service.newUser()
    const headers = { 'x-forwarded-for': newAddress() }
    let { RefreshToken } = (await service.request('POST', '/v2/signin', { body: { username, password: PASSWORD }, headers })).body
    for (let i = 0; i < 110; i++) {
      const response = await service.request('POST', '/v2/refresh', { body: { RefreshToken }, headers })
      expect(response.status).toBe(200)
      RefreshToken = response.body.RefreshToken
    }
  })
})
