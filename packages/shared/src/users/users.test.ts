import { randomUUID } from 'node:crypto'
import { importJWK, jwtVerify, SignJWT } from 'jose'
import { pino } from 'pino'
import { beforeAll, describe, expect, test } from 'vitest'
import { migrate } from '../db/migrate.js'
import { onEachDatabase } from '../db/test/databases.js'
import { LastAdministratorError, removeUserAsAdmin, setAdminAsAdmin } from './admin.js'
import { rotateSigningKeys, SIGNING_ALGORITHM, signingKeys } from './signing-keys.js'
import { addUser, findUser, listUsers, removeUser, setPassword, UserExistsError, verifyPassword } from './users.js'

onEachDatabase(db => {
  beforeAll(() => migrate(db))

  describe('users', () => {
    test('belong to a customer, which is created once', async () => {
      const [ada, bob] = await Promise.all([addUser(db, 'ada', 'one', 'Acme'), addUser(db, 'bob', 'two', 'Acme')])
      const eve = await addUser(db, 'eve', 'three', 'Other')
      expect(ada.customerId).toBe(bob.customerId)
      expect(eve.customerId).not.toBe(ada.customerId)
      expect((await listUsers(db)).map(user => user.username)).toEqual(['ada', 'bob', 'eve'])
      expect((await listUsers(db, 'Acme')).map(user => user.username)).toEqual(['ada', 'bob'])
    })

    test.each(['ada', 'Ada', ' ada ', 'ａｄａ'])('no second one may be called %j', async name => {
      await expect(addUser(db, name, 'other', 'Other')).rejects.toThrow(UserExistsError)
    })

    test('keep their only administrator, also when two are removed at the machine at once', async () => {
      const context = { db, log: pino({ level: 'silent' }), minPasswordLength: 8 }
      await db.query('update users set is_admin = false')
      for (const name of ['first', 'second']) {
        await addUser(db, name, 'one', 'Acme')
        await setAdminAsAdmin(context, name, true)
      }
      const removed = await Promise.allSettled(['first', 'second'].map(name => removeUserAsAdmin(context, name)))
      expect(removed.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      const [{ username }] = (await listUsers(db)).filter(user => user.isAdmin)
      await expect(removeUserAsAdmin(context, username)).rejects.toThrow(LastAdministratorError)
      await expect(setAdminAsAdmin(context, username, false)).rejects.toThrow(LastAdministratorError)
      await setAdminAsAdmin(context, 'ada', true)
      expect(await removeUserAsAdmin(context, username)).toMatchObject({ username })
    })

    test('not even at the same moment', async () => {
      const added = await Promise.allSettled(['Kim', 'kim', 'KIM'].map(name => addUser(db, name, 'one', 'Acme')))
      expect(added.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    })

    test('sign in with their password alone', async () => {
      const user = await addUser(db, 'carl', 'correct horse', 'Acme')
      expect(await verifyPassword(db, 'carl', 'correct horse')).toMatchObject({ user, right: true })
      for (const wrong of ['', 'correct', 'Correct horse', 'correct horse ', 'x'.repeat(100_000)])
        expect(await verifyPassword(db, 'carl', wrong)).toMatchObject({ user, right: false })
      expect(await verifyPassword(db, 'nobody', 'correct horse')).toEqual({ right: false })
    })

    test('are found by their name as typed; a name from before normalisation stays as it was', async () => {
      const user = await addUser(db, 'Uli', 'one', 'Acme')
      for (const typed of ['Uli', ' Uli ', 'Ｕli']) expect(await findUser(db, typed)).toEqual(user)
      expect(await findUser(db, 'uli')).toBeUndefined()
      const old = await addUser(db, 'juergen', 'two', 'Acme')
      await db.query("update users set username = 'jürgen ' where id = $1", [old.id])
      expect(await findUser(db, 'jürgen ')).toMatchObject({ id: old.id })
      expect(await setPassword(db, 'jürgen ', 'three')).toMatchObject({ id: old.id })
      expect(await verifyPassword(db, 'jürgen ', 'three')).toMatchObject({ right: true })
    })

    test('are kept with a salted argon2id hash', async () => {
      await addUser(db, 'salt 1', 'same', 'Acme')
      await addUser(db, 'salt 2', 'same', 'Acme')
      const rows = await db.query<{ hash: string }>(`select password_hash as hash from users where username like 'salt%'`)
      expect(rows[0].hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
      expect(rows[0].hash).not.toBe(rows[1].hash)
    })

    test('get a new password', async () => {
      const user = await addUser(db, 'dora', 'old', 'Acme')
      expect(await setPassword(db, 'dora', 'new')).toEqual(user)
      expect(await verifyPassword(db, 'dora', 'old')).toMatchObject({ right: false })
      expect(await verifyPassword(db, 'dora', 'new')).toMatchObject({ right: true })
      expect(await setPassword(db, 'nobody', 'new')).toBeUndefined()
    })

    test('can be removed', async () => {
      const user = await addUser(db, 'finn', 'secret', 'Acme')
      expect(await removeUser(db, 'finn')).toEqual(user)
      expect(await removeUser(db, 'finn')).toBeUndefined()
      expect(await findUser(db, 'finn')).toBeUndefined()
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
