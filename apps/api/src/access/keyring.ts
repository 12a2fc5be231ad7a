import { type Db, rotateSigningKeys, type SigningKey, signingKeys } from '@obscura/shared'
import { type CryptoKey, importJWK, type JWK } from 'jose'

/** The keys of access tokens as this process knows them. */
export interface Keyring {
  /** The key that signs now. */
  signer(): Promise<{ kid: string; key: CryptoKey }>
  /** The public key of that id; undefined when there is none. */
  verifier(kid: string): Promise<CryptoKey | undefined>
  /** All public keys, as /.well-known/jwks.json shows them. */
  publicKeys(): Promise<JWK[]>
}

const DAY = 86_400_000
/** A new key signs after this long. Old ones are kept for longer than a token lives. */
const ROTATE_AFTER_MS = 30 * DAY
const KEEP_SECONDS = (40 * DAY) / 1000
/** How long another process's new key may stay unseen here before this one signs with it. */
const REFRESH_MS = 60_000
/** Made-up key ids must not turn into a query each. */
const MISS_MS = 5_000

interface Keys {
  loaded: number
  signer: { kid: string; key: CryptoKey }
  verifiers: Map<string, CryptoKey>
  publicKeys: JWK[]
}

/** Keeps the database's signing keys at hand and makes a new one when the youngest is old. */
export function createKeyring(db: Db): Keyring {
  let known: Keys | undefined
  let loading: Promise<Keys> | undefined

  async function current(maxAge: number): Promise<Keys> {
    if (known && Date.now() - known.loaded < maxAge) return known
    loading ??= load(db).finally(() => {
      loading = undefined
    })
    known = await loading
    return known
  }

  return {
    async signer() {
      return (await current(REFRESH_MS)).signer
    },
    async verifier(kid) {
      const known = await current(Number.POSITIVE_INFINITY)
      return known.verifiers.get(kid) ?? (await current(MISS_MS)).verifiers.get(kid)
    },
    async publicKeys() {
      return (await current(REFRESH_MS)).publicKeys
    },
  }
}

async function load(db: Db): Promise<Keys> {
  let stored = await signingKeys(db)
  if (Date.now() - stored[0].createTime.getTime() > ROTATE_AFTER_MS) stored = await rotateSigningKeys(db, KEEP_SECONDS)
  const verifiers = await Promise.all(stored.map(async key => [key.kid, await importKey(key.publicJwk)] as const))
  return {
    loaded: Date.now(),
    signer: { kid: stored[0].kid, key: await importKey(stored[0].privateJwk) },
    verifiers: new Map(verifiers),
    publicKeys: stored.map(key => key.publicJwk),
  }
}

async function importKey(jwk: SigningKey['publicJwk']): Promise<CryptoKey> {
  return (await importJWK(jwk)) as CryptoKey
}
