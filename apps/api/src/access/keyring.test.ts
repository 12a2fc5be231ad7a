import { createLogger, type Db, migrate, openPGlite, rotateSigningKeys } from '@obscura/shared'
import { emptyDatabase } from '@obscura/test-servers/pglite'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createKeyring } from './keyring.js'

let db: Db
const log = createLogger('silent')
const later = (ms: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms })

beforeAll(async () => {
  db = await openPGlite(undefined, await emptyDatabase())
  await migrate(db)
})
afterAll(() => db.close())
afterEach(() => vi.useRealTimers())

describe('createKeyring', () => {
  it('loads a key of another process before that key signs, and keeps the old one', async () => {
    const here = createKeyring(db, log)
    const old = await here.signer()
    const [made] = await rotateSigningKeys(db, 86_400)
    // Like a process that has just started: others may not have seen the key yet.
    const there = createKeyring(db, log)
    expect((await there.signer()).kid).toBe(old.kid)

    later(6_000)
    for (const keyring of [here, there])
      for (const kid of [old.kid, made.kid]) expect(await keyring.verifier(kid), kid).toBeDefined()
    later(20_000)
    for (const keyring of [here, there]) expect((await keyring.signer()).kid).toBe(made.kid)
  })

  it('rotates a key that is a month old', async () => {
    const before = await createKeyring(db, log).signer()
    later(31 * 86_400_000)
    const keys = (await createKeyring(db, log).publicKeys()).map(key => key.kid)
    expect(keys).toContain(before.kid)
    expect(keys.length).toBeGreaterThan(1)
    expect(keys[0]).not.toBe(before.kid)
  })

  it('forgets a key that was deleted, within seconds', async () => {
    const keyring = createKeyring(db, log)
    const { kid } = await keyring.signer()
    await db.query('delete from signing_keys')
    later(6_000)
    expect(await keyring.verifier(kid)).toBeUndefined()
    expect((await keyring.signer()).kid).not.toBe(kid)
  })
})
