/** Security events of users and sessions, for the log and the metrics. */
import { Counter } from 'prom-client'
import type { Logger } from '../log.js'

/** Each event with its log level and message. */
const EVENTS = {
  sign_in: ['info', 'A user signed in.'],
  sign_in_refused: ['warn', 'A sign-in was refused.'],
  refresh: ['debug', 'A session was refreshed.'],
  refresh_refused: ['warn', 'A refresh token was refused.'],
  refresh_reused: ['error', 'A refresh token was used twice and may have been stolen. Its session was ended.'],
  sign_out: ['info', 'A user signed out.'],
  // At level debug, because clients poll: the counter shows how many.
  token_refused: ['debug', 'An access token was refused.'],
  password_changed: ['info', 'A user changed their password. Their other sessions were ended.'],
  password_refused: ['warn', 'A password change was refused.'],
  password_set: ['info', "A user's password was set. Their sessions were ended."],
  user_added: ['info', 'A user was added.'],
  user_removed: ['info', 'A user was removed.'],
  admin_granted: ['info', 'A user was made an administrator.'],
  admin_revoked: ['info', 'A user is no longer an administrator.'],
  sessions_ended: ['info', 'Sessions were ended by an administrator.'],
  customer_removed: ['info', 'A customer without users and tasks was removed.'],
  retention_set: ['info', "A customer's retention was set."],
  key_rotated: ['info', 'The key that signs access tokens was rotated.'],
} as const satisfies Record<string, readonly ['debug' | 'info' | 'warn' | 'error', string]>

export type AccessEvent = keyof typeof EVENTS

/**
 * Actor, subject, address and reason of an event. Never a token or a password, nor an unknown user
 * name, which may be a password.
 */
export interface EventDetails {
  /** The name of the acting user, or `administrator`. */
  actor?: string
  /** The affected user, if it is not the actor. */
  user?: string
  /** The affected customer. */
  customer?: string
  userId?: string
  session?: string
  address?: string
  /** One of a few words: it becomes a label of the metric. */
  reason?: string
  kid?: string
  count?: number
}

const counter = new Counter({
  name: 'obscura_access_events_total',
  help: 'Sign-ins, refused tokens, and changes to users and keys, by event and reason',
  labelNames: ['event', 'reason'],
})

/** Logs an event and counts it. */
export function recordEvent(log: Logger, event: AccessEvent, details: EventDetails = {}): void {
  const [level, sentence] = EVENTS[event]
  counter.inc({ event, reason: details.reason ?? '' })
  log[level]({ event, ...details }, sentence)
}
