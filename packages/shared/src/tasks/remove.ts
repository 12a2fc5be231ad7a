/** Removal of the rows of deleted tasks; a count per day remains. */
import type { Queryable } from '../db/db.js'

/**
 * Removes the rows of tasks that were deleted more than `days` ago, at most `limit`, and counts
 * them by customer and day of creation for {@link countTasksByDay}. A task whose files have not
 * been deleted yet is kept.
 * @returns the number of removed rows
 */
export async function removeDeleted(db: Queryable, days: number, limit: number): Promise<number> {
  const [{ removed }] = await db.query<{ removed: number }>(
    `with removed as (
       delete from tasks where id in (
         select id from tasks
         where status = 'deleted' and due_time is null and delete_time < now() - make_interval(days => $1)
         order by delete_time
         limit $2
         for update skip locked
       )
       returning customer_id, id
     ), counted as (
       insert into removed_tasks as counts (customer_id, day, count)
       select customer_id, (to_timestamp(id / 1000000) at time zone 'UTC')::date as day, count(*)
       from removed group by 1, 2 order by 1, 2
       on conflict (customer_id, day) do update set count = counts.count + excluded.count
     )
     select count(*) as removed from removed`,
    [days, limit],
  )
  return removed
}
