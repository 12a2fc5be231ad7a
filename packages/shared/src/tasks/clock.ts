/**
 * Clocks are set: by hand, by a time server, on a virtual machine that wakes up. Everything that is planned in the database is planned by the
 * database's clock. When that one jumps ahead, leases and uploads must not end early; when it is set back, nothing may wait for the hour that
 * comes again. Time in which no sweeper ran counts as a jump ahead as well: nobody could have noticed an upload then.
 */
import type { Db, Queryable } from '../db/db.js'

/** How often the time is noted, in seconds. */
const NOTE_EVERY = 10
/** Jumps that matter, in seconds. Statements of two processes may see times in another order than they are noted. */
const BACK = 5
const AHEAD = 60

const LAST_TIME = 'select last_time as last, extract(epoch from now() - last_time)::double precision as ago from clock'

interface LastTime {
  last: Date
  ago: number
}

/**
 * Notes the time, and corrects what is planned if the clock has jumped since it was noted last.
 * @returns by how many seconds it jumped, less than 0 for back; 0 when it did not
 */
export async function followClock(db: Db): Promise<number> {
  const [{ ago }] = await db.query<LastTime>(LAST_TIME)
  if (ago > -BACK && ago < NOTE_EVERY) return 0
  return db.transaction(async tx => {
    // Of several sweepers one finds the jump; the others wait here and find none.
    const [{ last, ago }] = await tx.query<LastTime>(`${LAST_TIME} for update`)
    await tx.query('update clock set last_time = now()')
    if (ago > -BACK && ago < AHEAD) return 0
    await (ago > 0 ? giveTime(tx, last, ago) : waitNoLonger(tx))
    return ago
  })
}

// A worker that lives renews its lease by then. What was planned since the clock jumped is left as it is: it came in the later half of the jump.
async function giveTime(tx: Queryable, last: Date, seconds: number): Promise<void> {
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

// Too early does no harm: no wait is longer than it may be for something planned now, however often and in which order clocks were set.
async function waitNoLonger(tx: Queryable): Promise<void> {
  await tx.query(`update webhook_deliveries set due_time = least(due_time, now() + interval '20 seconds')`)
  await tx.query(`update tasks set ready_time = now() where status = 'queued' and ready_time > now()`)
  await tx.query(`update tasks set lease_until = least(lease_until, now() + interval '20 seconds') where status = 'processing'`)
  await tx.query(
    `update tasks set due_time = least(due_time, case status when 'new' then now() else now() + interval '5 minutes' end)
     where due_time > now()`,
  )
}
