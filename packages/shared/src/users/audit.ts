/**
 * The audit log: who was given access to an original or to a result that a review holds back, and
 * what administrators changed.
 */
import type { Queryable } from '../db/db.js'
import type { AccessEvent } from './events.js'

/**
 * original: a short-lived URL, for one look. original_url: the long-lived one in GET task.
 * held_back: the results of a task that is not approved. read_ahead: the same, read before anybody
 * looks at them.
 */
export type LookAction = 'original' | 'original_url' | 'held_back' | 'read_ahead'

/** Changes by an administrator, by the names of their events. */
export const ADMIN_ACTIONS = [
  'user_added',
  'user_removed',
  'password_set',
  'admin_granted',
  'admin_revoked',
  'sessions_ended',
  'customer_removed',
  'retention_set',
] as const satisfies AccessEvent[]
export type AdminAction = (typeof ADMIN_ACTIONS)[number]

/** Who did something, and from which network address. */
export interface Actor {
  customerId: string
  userId: string
  username: string
  address: string
}

/** One access. */
export interface Look extends Actor {
  action: LookAction
  taskId: number
}

/** A change. */
export interface AdminChange extends Actor {
  action: AdminAction
  /** The user or customer that was changed. */
  subject: string
}

/** An entry as it was recorded. */
export interface AuditEntry extends Actor {
  id: number
  time: Date
  action: LookAction | AdminAction
  taskId: number | null
  subject: string | null
  /** The name of the actor's customer; null when it no longer exists. */
  customer: string | null
}

/** Selects entries. */
export interface AuditSelection {
  limit: number
  /** Only entries with a smaller id. */
  before?: number
  taskId?: number
}

/** Records an access. Call it before access is given, so that there is none without a record. */
export async function recordLook(db: Queryable, look: Look): Promise<void> {
  const { action, customerId, userId, username, taskId, address } = look
  await db.query(
    'insert into audit_log (action, customer_id, user_id, username, task_id, address) values ($1, $2, $3, $4, $5, $6)',
    [action, customerId, userId, username, taskId, address],
  )
}

/**
 * Removes entries that are older than `days`, the oldest first, at most `limit`.
 * @returns the number of removed entries
 */
export async function removeLooks(db: Queryable, days: number, limit: number): Promise<number> {
  // IDs ascend with time: no other entries have to be searched.
  const removed = await db.query(
    `delete from audit_log where id in (
       select id from (select id, time from audit_log order by id limit $2) as oldest
       where time < now() - make_interval(days => $1)
     )
     returning id`,
    [days, limit],
  )
  return removed.length
}

/** Records a change by an administrator. */
export async function recordAdminChange(db: Queryable, change: AdminChange): Promise<void> {
  const { action, customerId, userId, username, subject, address } = change
  await db.query(
    'insert into audit_log (action, customer_id, user_id, username, subject, address) values ($1, $2, $3, $4, $5, $6)',
    [action, customerId, userId, username, subject, address],
  )
}

/** Entries of all customers, newest first. */
export async function listLooks(db: Queryable, { limit, before, taskId }: AuditSelection): Promise<AuditEntry[]> {
  return db.query<AuditEntry>(
    `select audit_log.id, time, action, customer_id as "customerId", customers.name as customer, user_id as "userId", username,
       task_id as "taskId", subject, address
     from audit_log left join customers on customers.id = customer_id
     where ($1::bigint is null or audit_log.id < $1) and ($2::bigint is null or task_id = $2)
     order by audit_log.id desc
     limit $3`,
    [before ?? null, taskId ?? null, limit],
  )
}
