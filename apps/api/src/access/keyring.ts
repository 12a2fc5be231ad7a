import { type Db, type Logger, recordEvent, rotateSigningKeys, type SigningKey, signingKeys } from '@obscura/shared'
import { type CryptoKey, importJWK, type JWK } from 'jose'

/**
 * Cache of the keys of access tokens. Entries are at most a few seconds old, so that a deleted key
 * is soon refused.
 */
export interface Keyring {
  /** The key that signs now. */
  signer(): Promise<{ kid: string; key: CryptoKey }>
  /** The public key with that id, if there is one. */
  verifier(kid: string): Promise<CryptoKey | undefined>
  /** All public keys, in the form of /.well-known/jwks.json. */
  publicKeys(): Promise<JWK[]>
}

const DAY_MS = 86_400_000
/** A new key is made after this long. Old ones are kept for longer than a token lives. */
const ROTATE_AFTER_MS = 30 * DAY_MS
const KEEP_SECONDS = (40 * DAY_MS) / 1000
const MAX_AGE_MS = 5_000
/** A new key signs only when every process must have seen it. */
const SIGN_AFTER_MS = 3 * MAX_AGE_MS

interface Keys {
  loaded: number
  signer: { kid: string; key: CryptoKey }
  verifiers: Map<string, CryptoKey>
  publicKeys: JWK[]
}

/** Caches the signing keys in the database and creates a new one when the newest is old. */
export function createKeyring(db: Db, log: Logger): Keyring {
  let known: Keys | undefined
  let loading: Promise<Keys> | undefined

  async function current(): Promise<Keys> {
    if (known && Math.abs(Date.now() - known.loaded) < MAX_AGE_MS) return known
    loading ??= load(db, log).finally(() => {
      loading = undefined
    })
    known = await loading
    return known
  }

  return {
    signer: async () => (await current()).signer,
    verifier: async kid => (await current()).verifiers.get(kid),
    publicKeys: async () => (await current()).publicKeys,
  }
}

async function load(db: Db, log: Logger): Promise<Keys> {
  const loaded = Date.now()
  const age = (key: SigningKey) => loaded - key.createTime.getTime()
  let stored = await signingKeys(db)
  if (age(stored[0]) > ROTATE_AFTER_MS) {
    stored = await rotateSigningKeys(db, KEEP_SECONDS)
    recordEvent(log, 'key_rotated', { kid: stored[0].kid })
  }
  // The oldest of several new ones: two processes may have created the first one at the same time.
  const signing = stored.find(key => age(key) >= SIGN_AFTER_MS) ?? stored.at(-1)!
  const verifiers = await Promise.all(stored.map(async key => [key.kid, await importKey(key.publicJwk)] as const))
  return {
    loaded,
    signer: { kid: signing.kid, key: await importKey(signing.privateJwk) },
    verifiers: new Map(verifiers),
    publicKeys: stored.map(key => key.publicJwk),
  }
}

async function importKey(jwk: SigningKey['publicJwk']): Promise<CryptoKey> {
  return (await importJWK(jwk)) as CryptoKey
}
