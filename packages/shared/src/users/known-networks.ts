/**
 * Networks from which users signed in recently. They are stored unhashed, because hashes of
 * addresses could be reversed by trying all.
 */
import type { Queryable } from '../db/db.js'
import { normalUsername } from './names.js'

const KNOWN_DAYS = 30

/** Whether a user with that name signed in from that network within 30 days. */
export async function isKnownNetwork(db: Queryable, username: string, network: string): Promise<boolean> {
  const rows = await db.query(
    `select from known_networks join users on users.id = user_id
     where username in ($1, $2) and network = $3 and last_time > now() - make_interval(days => $4)`,
    [username, normalUsername(username), network, KNOWN_DAYS],
  )
  return rows.length > 0
}

/**
 * Records that a user signed in from a network, at most once a day, and deletes the user's old
 * networks.
 */
export async function rememberNetwork(db: Queryable, userId: string, network: string): Promise<void> {
  const written = await db.query(
    `insert into known_networks (user_id, network) values ($1, $2)
     on conflict (user_id, network) do update set last_time = now() where known_networks.last_time < now() - interval '1 day'
     returning network`,
    [userId, network],
  )
  if (written.length === 0) return
  await db.query('delete from known_networks where user_id = $1 and last_time < now() - make_interval(days => $2)', [
    userId,
    KNOWN_DAYS,
  ])
}
