/**
 * Clocks are set: by hand, by a time server, on a virtual machine that wakes up. Everything that is planned in the database is planned by the
 * database's clock, so when that one jumps, the plans jump with it: leases and upload URLs do not end early, and nothing waits for the hour
 * by which a clock was set back. Time in which no sweeper ran counts as a jump as well: nobody could have noticed an upload then.
 */
import type { Db, Queryable } from '../db/db.js'

/** How often the time is noted, in seconds: so much later may things happen that were planned before a clock was set back. */
const NOTE_EVERY = 10
/** Jumps that matter, in seconds. Statements of two processes may see times in another order than they are noted. */
const BACK = 5
const AHEAD = 60

const LAST_LOOK = 'select extract(epoch from now() - last_time)::double precision as ago from clock'

/**
 * Notes the time, and moves everything that is planned if the clock has jumped since it was noted last.
 * @returns by how many seconds it jumped, less than 0 for back; 0 when it did not
 */
export async function followClock(db: Db): Promise<number> {
  const [{ ago }] = await db.query<{ ago: number }>(LAST_LOOK)
  if (ago > -BACK && ago < NOTE_EVERY) return 0
  return db.transaction(async tx => {
    // Of several sweepers one finds the jump; the others wait here and find none.
    const [{ ago }] = await tx.query<{ ago: number }>(`${LAST_LOOK} for update`)
    await tx.query('update clock set last_time = now()')
    if (ago > -BACK && ago < AHEAD) return 0
    await movePlans(tx, ago)
    return ago
  })
}

async function movePlans(tx: Queryable, seconds: number): Promise<void> {
  await tx.query('update webhook_deliveries set due_time = due_time + make_interval(secs => $1)', [seconds])
  await tx.query(
    `update tasks set
       ready_time = ready_time + make_interval(secs => $1),
       lease_until = lease_until + make_interval(secs => $1),
       due_time = due_time + make_interval(secs => $1),
       upload_expire_time = upload_expire_time + make_interval(secs => $1)
     where due_time is not null or status = 'queued' or status = 'processing'`,
    [seconds],
  )
  // Or a customer who was served in what is the future now would come after all others until then.
  await tx.query(
    'update tasks set claim_time = now() from customers where tasks.customer_id = customers.id and tasks.claim_time > now()',
  )
}
