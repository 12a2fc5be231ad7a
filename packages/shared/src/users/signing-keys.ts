/**
 * The key pairs that sign access tokens, stored in the database and shared by all API processes.
 */
import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import type { Db, Queryable } from '../db/db.js'

export const SIGNING_ALGORITHM = 'EdDSA'

/** A pair of keys for access tokens. */
export interface SigningKey {
  kid: string
  /** With kid, alg and use set. */
  privateJwk: JWK
  /** With kid, alg and use set, as in the JWKS. */
  publicJwk: JWK
  createTime: Date
}

const KEYS = `select kid, private_jwk as "privateJwk", public_jwk as "publicJwk", create_time as "createTime"
  from signing_keys order by create_time desc, kid`

/** All keys, newest first: that one signs, all of them verify. Creates a key when there is none. */
export async function signingKeys(db: Db): Promise<SigningKey[]> {
  const keys = await db.query<SigningKey>(KEYS)
  if (keys.length > 0) return keys
  await insertKey(db, 'where not exists (select from signing_keys)')
  return db.query<SigningKey>(KEYS)
}

/**
 * Adds a key that signs from now on, and deletes those unused for `keepSeconds`: everything they
 * signed must have expired.
 */
export async function rotateSigningKeys(db: Db, keepSeconds: number): Promise<SigningKey[]> {
  await db.query(
    `delete from signing_keys where exists (
       select from signing_keys as younger
       where younger.create_time > signing_keys.create_time and younger.create_time < now() - make_interval(secs => $1)
     )`,
    [keepSeconds],
  )
  await insertKey(db, '')
  return db.query<SigningKey>(KEYS)
}

async function insertKey(db: Queryable, where: string): Promise<void> {
  const { privateKey, publicKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true })
  const about = { kid: randomUUID(), alg: SIGNING_ALGORITHM, use: 'sig' }
  await db.query(`insert into signing_keys (kid, private_jwk, public_jwk) select $1, $2::jsonb, $3::jsonb ${where}`, [
    about.kid,
    JSON.stringify({ ...(await exportJWK(privateKey)), ...about }),
    JSON.stringify({ ...(await exportJWK(publicKey)), ...about }),
  ])
}
