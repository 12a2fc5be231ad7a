/**
 * Corrects for clock changes: set manually, by a time server, or after a virtual machine resumes.
 * All times in the database come from its own clock. When it jumps ahead, leases and uploads must
 * not end early; when it is set back, nothing may wait for the repeated time. Time without a
 * running sweeper counts as a jump ahead too: uploads could not be detected then.
 */
import type { Db, Queryable } from '../db/db.js'

/** Interval at which the time is recorded, in seconds. */
const NOTE_INTERVAL_SECONDS = 10
/**
 * Smallest jump that is corrected, in seconds. Statements of two processes may see times in another
 * order than they are recorded.
 */
const MAX_BACKWARD_SECONDS = 5
const MAX_FORWARD_SECONDS = 60

const LAST_TIME = 'select last_time as last, extract(epoch from now() - last_time)::double precision as ago from clock'

interface LastTime {
  last: Date
  ago: number
}

/**
 * Records the time, and corrects planned times if the clock has jumped since it was last recorded.
 * @returns the jump in seconds, negative for back; 0 for none
 */
export async function followClock(db: Db): Promise<number> {
  const [{ ago }] = await db.query<LastTime>(LAST_TIME)
  if (ago > -MAX_BACKWARD_SECONDS && ago < NOTE_INTERVAL_SECONDS) return 0
  return db.transaction(async tx => {
    // Only one of several sweepers detects the jump; the others wait here and see none.
    const [{ last, ago }] = await tx.query<LastTime>(`${LAST_TIME} for update`)
    await tx.query('update clock set last_time = now()')
    if (ago > -MAX_BACKWARD_SECONDS && ago < MAX_FORWARD_SECONDS) return 0
    await (ago > 0 ? extendDeadlines(tx, last, ago) : shortenWaits(tx))
    return ago
  })
}

// A live worker renews its lease by then. Times planned since the jump are unchanged: they are in
// its later half.
async function extendDeadlines(tx: Queryable, last: Date, seconds: number): Promise<void> {
  await tx.query(
    `update tasks set lease_until = now() + interval '20 seconds' where status = 'processing' and lease_until between $1 and now()`,
    [last],
  )
  await tx.query(
    `update tasks set upload_expire_time = upload_expire_time + make_interval(secs => $2::float)
     where due_time is not null and status = 'new' and upload_expire_time > $1 and id < (extract(epoch from $1::timestamptz) + $2::float / 2) * 1000000`,
    [last, seconds],
  )
}

// Too early does no harm: no wait is longer than for something planned now, however often clocks
// were set.
async function shortenWaits(tx: Queryable): Promise<void> {
  await tx.query(`update webhook_deliveries set due_time = least(due_time, now() + interval '20 seconds')`)
  await tx.query(`update tasks set ready_time = now() where status = 'queued' and ready_time > now()`)
  await tx.query(`update tasks set lease_until = least(lease_until, now() + interval '20 seconds') where status = 'processing'`)
  await tx.query(
    `update tasks set due_time = least(due_time, case status when 'new' then now() else now() + interval '5 minutes' end)
     where due_time > now()`,
  )
}
