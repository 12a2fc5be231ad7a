import { randomUUID } from 'node:crypto'
import { importJWK, jwtVerify, SignJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { migrate } from '../db/migrate.js'
import { onEachDatabase } from '../db/test/databases.js'
import { issueRefreshToken, redeemRefreshToken } from './refresh-tokens.js'
import { rotateSigningKeys, SIGNING_ALGORITHM, signingKeys } from './signing-keys.js'
import { addUser, findUser, listUsers, removeUser, setPassword, UserExistsError, verifyPassword } from './users.js'

onEachDatabase(db => {
  beforeAll(() => migrate(db))

  describe('users', () => {
    test('belong to a customer, who is made once', async () => {
      const [ada, bob] = await Promise.all([addUser(db, 'ada', 'one', 'Acme'), addUser(db, 'bob', 'two', 'Acme')])
      const eve = await addUser(db, 'eve', 'three', 'Other')
      expect(ada.customerId).toBe(bob.customerId)
      expect(eve.customerId).not.toBe(ada.customerId)
      expect((await listUsers(db)).map(user => user.username)).toEqual(['ada', 'bob', 'eve'])
      expect((await listUsers(db, 'Acme')).map(user => user.username)).toEqual(['ada', 'bob'])
      await expect(addUser(db, 'ada', 'other', 'Other')).rejects.toThrow(UserExistsError)
    })

    test('sign in with their password alone', async () => {
      const user = await addUser(db, 'carl', 'correct horse', 'Acme')
      expect(await verifyPassword(db, 'carl', 'correct horse')).toEqual(user)
      for (const wrong of ['', 'correct', 'Correct horse', 'correct horse '])
        expect(await verifyPassword(db, 'carl', wrong)).toBeUndefined()
      expect(await verifyPassword(db, 'nobody', 'correct horse')).toBeUndefined()
    })

    test('are kept with a salted argon2id hash', async () => {
      await addUser(db, 'salt 1', 'same', 'Acme')
      await addUser(db, 'salt 2', 'same', 'Acme')
      const rows = await db.query<{ hash: string }>(`select password_hash as hash from users where username like 'salt%'`)
      expect(rows[0].hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
      expect(rows[0].hash).not.toBe(rows[1].hash)
    })

    test('get a new password, which ends their refresh tokens', async () => {
      const user = await addUser(db, 'dora', 'old', 'Acme')
      const token = await issueRefreshToken(db, user.id, 60)
      expect(await setPassword(db, 'dora', 'new')).toBe(true)
      expect(await verifyPassword(db, 'dora', 'old')).toBeUndefined()
      expect(await verifyPassword(db, 'dora', 'new')).toEqual(user)
      expect(await redeemRefreshToken(db, token)).toBeUndefined()
      expect(await setPassword(db, 'nobody', 'new')).toBe(false)
    })

    test('can be removed with their tokens', async () => {
      const user = await addUser(db, 'finn', 'secret', 'Acme')
      const token = await issueRefreshToken(db, user.id, 60)
      expect(await removeUser(db, 'finn')).toBe(true)
      expect(await removeUser(db, 'finn')).toBe(false)
      expect(await findUser(db, 'finn')).toBeUndefined()
      expect(await redeemRefreshToken(db, token)).toBeUndefined()
    })
  })

  describe('refresh tokens', () => {
    test('are good once', async () => {
      const user = await addUser(db, 'gina', 'secret', 'Acme')
      const token = await issueRefreshToken(db, user.id, 60)
      const redeemed = await Promise.all([redeemRefreshToken(db, token), redeemRefreshToken(db, token)])
      expect(redeemed.filter(Boolean)).toEqual(['gina'])
      expect(await redeemRefreshToken(db, 'made up')).toBeUndefined()
    })

    test('expire, and do not stand in the database', async () => {
      const user = await addUser(db, 'hugo', 'secret', 'Acme')
      const token = await issueRefreshToken(db, user.id, 0)
      expect(JSON.stringify(await db.query('select * from refresh_tokens'))).not.toContain(token)
      expect(await redeemRefreshToken(db, token)).toBeUndefined()
    })
  })

  describe('signing keys', () => {
    test('sign what the public half verifies, and stay the same', async () => {
      const [key] = await signingKeys(db)
      expect(await signingKeys(db)).toEqual([key])
      expect(key.publicJwk).not.toHaveProperty('d')
      const payload = { sub: randomUUID() }
      const header = { alg: SIGNING_ALGORITHM, kid: key.kid }
      const token = await new SignJWT(payload).setProtectedHeader(header).sign(await importJWK(key.privateJwk))
      expect((await jwtVerify(token, await importJWK(key.publicJwk))).payload).toMatchObject(payload)
    })

    test('rotate: the new one comes first, the old one goes when all it signed has expired', async () => {
      const [old] = await signingKeys(db)
      await db.query(`update signing_keys set create_time = create_time - interval '90 days'`)
      const rotated = await rotateSigningKeys(db, 3600)
      expect(rotated.map(({ kid }) => kid)).toEqual([expect.not.stringContaining(old.kid), old.kid])
      await db.query(`update signing_keys set create_time = create_time - interval '2 hours'`)
      const again = await rotateSigningKeys(db, 3600)
      expect(again).toHaveLength(2)
      expect(again.map(({ kid }) => kid)).not.toContain(old.kid)
    })
  })
})
