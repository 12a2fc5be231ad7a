import { type Db, migrate, openPGlite, rotateSigningKeys } from '@obscura/shared'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { emptyDatabase } from '../../../../tests/servers/pglite.js'
import { createKeyring } from './keyring.js'
import { createTokens } from './tokens.js'

let db: Db
const user = { id: 'u', customerId: 'c', customer: 'acme', username: 'ann', createTime: new Date() }

beforeAll(async () => {
  db = await openPGlite(undefined, await emptyDatabase())
  await migrate(db)
})
afterAll(() => db.close())
afterEach(() => vi.useRealTimers())

describe('createKeyring', () => {
  it('takes up keys that another process made, and still knows the old ones', async () => {
    const [here, there] = [createKeyring(db), createKeyring(db)].map(keyring => createTokens(keyring, () => 'test'))
    const old = await here.issue(user)
    await rotateSigningKeys(db, 86_400)
    // As another process that starts now.
    const fresh = await createTokens(createKeyring(db), () => 'test').issue(user)

    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 6_000 })
    expect(await here.verify(fresh.AccessToken)).toMatchObject({ customerId: 'c' })
    expect(await there.verify(old.AccessToken)).toMatchObject({ customerId: 'c' })
  })

  it('rotates a key that has signed for a month', async () => {
    const before = await createKeyring(db).signer()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31 * 86_400_000 })
    const keyring = createKeyring(db)
    const after = await keyring.signer()
    expect(after.kid).not.toBe(before.kid)
    expect((await keyring.publicKeys()).map(key => key.kid)).toContain(before.kid)
  })
})
