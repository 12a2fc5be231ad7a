import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { migrate } from '../db/migrate.js'
import { onEachDatabase } from '../db/test/databases.js'
import { isKnownNetwork, rememberNetwork } from './known-networks.js'
import { endSession, endSessions, isSession, refreshSession, type Session, startSession } from './sessions.js'
import type { User } from './user.js'
import { addUser, changePassword, removeUser, setPassword, verifyPassword } from './users.js'

onEachDatabase(db => {
  beforeAll(() => migrate(db))

  async function newUser(): Promise<User> {
    return addUser(db, `user-${randomUUID()}`, 'correct horse', 'Acme')
  }

  async function signIn(user: User, password = 'correct horse'): Promise<Session> {
    const { passwordHash } = await verifyPassword(db, user.username, password)
    return (await startSession(db, user.id, passwordHash!))!
  }

  const refresh = async (token: string) => {
    const refreshed = await refreshSession(db, token)
    if (refreshed.outcome !== 'refreshed') throw new Error(refreshed.outcome)
    return refreshed.session
  }

  describe('sessions', () => {
    test('continue while they are refreshed, at most until 30 days after signing in', async () => {
      const user = await newUser()
      const first = await signIn(user)
      const second = await refresh(first.refreshToken)
      expect(second).toMatchObject({ id: first.id, expireTime: first.expireTime })
      expect(second.refreshToken).not.toBe(first.refreshToken)
      expect(first.expireTime.getTime() - Date.now()).toBeGreaterThan(29.9 * 86_400_000)
      expect(await isSession(db, first.id, user.id)).toBe(true)
      await db.query(`update sessions set expire_time = now() where id = $1`, [first.id])
      expect(await isSession(db, first.id, user.id)).toBe(false)
      expect(await refreshSession(db, second.refreshToken)).toEqual({ outcome: 'expired', userId: user.id })
    })

    test('end when nobody refreshes them for a week, and are deleted', async () => {
      const user = await newUser()
      const { id, refreshToken } = await signIn(user)
      await db.query(`update sessions set refresh_time = now() - interval '8 days' where id = $1`, [id])
      expect(await refreshSession(db, refreshToken)).toMatchObject({ outcome: 'expired' })
      const idle = await signIn(user)
      await db.query(`update sessions set refresh_time = now() - interval '8 days' where id = $1`, [idle.id])
      await signIn(user)
      expect(await db.query('select from sessions where user_id = $1', [user.id])).toHaveLength(1)
    })

    test('end when a refresh token comes a second time, its successors included', async () => {
      const user = await newUser()
      const first = await signIn(user)
      const other = await signIn(user)
      const third = await refresh((await refresh(first.refreshToken)).refreshToken)
      expect(await refreshSession(db, first.refreshToken)).toEqual({ outcome: 'reused', userId: user.id })
      expect(await refreshSession(db, third.refreshToken)).toEqual({ outcome: 'unknown' })
      expect(await isSession(db, first.id, user.id)).toBe(false)
      expect(await isSession(db, other.id, user.id)).toBe(true)
    })

    test('give one successor at most when a token comes twice at the same moment', async () => {
      const { refreshToken } = await signIn(await newUser())
      const outcomes = await Promise.all([refreshSession(db, refreshToken), refreshSession(db, refreshToken)])
      expect(outcomes.filter(({ outcome }) => outcome === 'refreshed').length).toBeLessThan(2)
    })

    test.each(['', 'made up', randomUUID(), `${randomUUID()}.${'x'.repeat(43)}`, `${'0'.repeat(100_000)}.`])(
      'know nothing of the token %.20s',
      async token => expect(await refreshSession(db, token)).toEqual({ outcome: 'unknown' }),
    )

    test('end with a new password, except the one that is spared', async () => {
      const user = await newUser()
      const [kept, ended] = [await signIn(user), await signIn(user)]
      const { passwordHash } = await verifyPassword(db, user.username, 'correct horse')
      const change = { userId: user.id, sessionId: kept.id, password: 'another horse', oldHash: passwordHash! }
      expect(await changePassword(db, change)).toBe(true)
      expect(await isSession(db, kept.id, user.id)).toBe(true)
      expect(await isSession(db, ended.id, user.id)).toBe(false)
      expect(await refreshSession(db, ended.refreshToken)).toEqual({ outcome: 'unknown' })
    })

    test('a change of password that an administrator overtook changes nothing', async () => {
      const user = await newUser()
      const { id: sessionId } = await signIn(user)
      const { passwordHash } = await verifyPassword(db, user.username, 'correct horse')
      await setPassword(db, user.username, 'reset horse')
      const reset = await signIn(user, 'reset horse')
      const change = { userId: user.id, sessionId, password: 'stolen horse', oldHash: passwordHash! }
      expect(await changePassword(db, change)).toBe(false)
      expect(await verifyPassword(db, user.username, 'reset horse')).toMatchObject({ right: true })
      expect(await isSession(db, reset.id, user.id)).toBe(true)
    })

    test('cannot begin with a password that was replaced since it was checked', async () => {
      const user = await newUser()
      const { passwordHash } = await verifyPassword(db, user.username, 'correct horse')
      await setPassword(db, user.username, 'another horse')
      expect(await startSession(db, user.id, passwordHash!)).toBeUndefined()
    })

    test('end with the user, one by one, or all', async () => {
      const [gone, user] = [await newUser(), await newUser()]
      const sessions = [await signIn(user), await signIn(user), await signIn(user)]
      const orphan = await signIn(gone)
      await removeUser(db, gone.username)
      expect(await isSession(db, orphan.id, gone.id)).toBe(false)
      await endSession(db, sessions[0].id)
      expect(await isSession(db, sessions[0].id, user.id)).toBe(false)
      expect(await endSessions(db, user.id)).toBe(2)
      const other = await signIn(user)
      await endSessions(db, undefined)
      expect(await isSession(db, other.id, user.id)).toBe(false)
    })

    test('keep no token in the database', async () => {
      const { refreshToken } = await signIn(await newUser())
      const kept = JSON.stringify(await db.query('select * from sessions'))
      expect(kept).not.toContain(refreshToken.split('.')[1])
    })
  })

  test('networks of a user are known for 30 days', async () => {
    const user = await newUser()
    await rememberNetwork(db, user.id, '192.0.2.1')
    await rememberNetwork(db, user.id, '192.0.2.1')
    expect(await isKnownNetwork(db, user.username, '192.0.2.1')).toBe(true)
    expect(await isKnownNetwork(db, ` ${user.username}`, '192.0.2.1')).toBe(true)
    expect(await isKnownNetwork(db, user.username, '192.0.2.2')).toBe(false)
    expect(await isKnownNetwork(db, 'somebody', '192.0.2.1')).toBe(false)
    await db.query(`update known_networks set last_time = now() - interval '31 days' where user_id = $1`, [user.id])
    expect(await isKnownNetwork(db, user.username, '192.0.2.1')).toBe(false)
    await rememberNetwork(db, user.id, '192.0.2.3')
    expect(await db.query('select network from known_networks where user_id = $1', [user.id])).toEqual([{ network: '192.0.2.3' }])
  })
})
