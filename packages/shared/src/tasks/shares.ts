/**
 * Fair shares of the workers' time among customers: start-time fair queueing (Goyal, Vin and Cheng,
 * SIGCOMM 1996, doi:10.1145/248157.248171). Each customer has a position, the seconds of work done
 * for it, and the one with the lowest position gets the next free slot. The virtual time is the
 * position at the last claim. A customer behind it was idle and is moved up to it: unused time is
 * not saved up, and using otherwise idle time has no cost.
 */
import type { Queryable } from '../db/db.js'

/**
 * Minimum seconds that a running task counts for; otherwise one customer could take all slots at
 * once.
 */
const MIN_RUNNING = 1

/**
 * Maximum seconds that a customer can be ahead of the virtual time: after this much work for others
 * it is its turn again.
 */
const MAX_AHEAD = 3600

/**
 * CTEs (SQL) that turn `waiting (customer_id)` into `turns (customer_id, start, moved)`, in the
 * order of turns: the position, and by how much that differs from the one in the table.
 */
export const TURNS = `
  running as (
    select customer_id, sum(greatest(${MIN_RUNNING}, extract(epoch from clock_timestamp() - claim_time))) as seconds
    from tasks where status = 'processing'
    group by customer_id
  ), positions as (
    select customer_id, share_end + coalesce(seconds, 0) as position, (select max(share_start) from customers) as now
    from waiting
    join customers on customers.id = customer_id
    left join running using (customer_id)
  ), turns as (
    select customer_id, greatest(position, now) as start, greatest(now - position, 0) as moved from positions order by start
  )`

/** Updates the customer of a claim (SQL): `next` is its row of `turns`. */
export const TAKE_TURN = `
  update customers set share_start = greatest(share_start, next.start), share_end = share_end + next.moved
  from next where customers.id = next.customer_id`

/** Adds the seconds that a worker spent on a task of the customer, whatever the outcome. */
export async function chargeCustomer(db: Queryable, customerId: string, seconds: number): Promise<void> {
  await db.query(
    `update customers set share_end = least(share_end + $2, ${MAX_AHEAD} + (select max(share_start) from customers)) where id = $1`,
    [customerId, seconds],
  )
}

/**
 * Where a customer stands whose revisions are to be rendered (SQL): with the others if it was idle.
 * Renderings are charged like tasks, so that thousands of one customer hold up no other.
 */
export const RENDERING_TURN = 'greatest(share_end, (select max(share_start) from customers))'

/** Adds the seconds that a worker spent on a rendering of the customer, whatever the outcome. */
export async function chargeRendering(db: Queryable, customerId: string, seconds: number): Promise<void> {
  await db.query(
    `update customers set share_end = least(${RENDERING_TURN} + $2, ${MAX_AHEAD} + (select max(share_start) from customers)) where id = $1`,
    [customerId, seconds],
  )
}
