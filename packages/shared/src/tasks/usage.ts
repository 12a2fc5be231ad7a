/**
 * What was done for customers, by day (UTC) of the end of their tasks: numbers without names, which
 * deletion and retention leave.
 */
import { CLASSES, type ObjectClass } from '@obscura/contract'
import type { Queryable } from '../db/db.js'

const COLUMNS = ['done', 'failed', 'megapixels', 'seconds', 'uploaded_bytes', ...CLASSES]

/** Detections of a class in a row of `finished`, none of failed tasks (SQL). */
const detected = (name: ObjectClass) =>
  `(select count(*) from jsonb_array_elements(coalesce(detections, '[]')) as item where item ->> 'class' = '${name}')`

/**
 * Counts the tasks in the table expression `finished`, in the statement that ends them (SQL): each
 * end counts once, also that of a failed task which is retried later.
 */
export const COUNT_USAGE = `insert into usage_days as usage (customer_id, day, ${COLUMNS.join(', ')})
  select customer_id, (now() at time zone 'UTC')::date, (status = 'done')::int, (status = 'failed')::int,
    case when status = 'done' then coalesce(output_width::float8 * output_height / 1e6, 0) else 0 end,
    case when status = 'done' then coalesce(greatest(0, extract(epoch from clock_timestamp() - claim_time)), 0) else 0 end,
    coalesce(upload_size, 0), ${CLASSES.map(detected).join(', ')}
  from finished
  on conflict (customer_id, day) do update set ${COLUMNS.map(name => `${name} = usage.${name} + excluded.${name}`).join(', ')}`

/** Sums of a day, or of a customer and a day. */
export interface UsageDay {
  /** YYYY-MM-DD in UTC. */
  day: string
  customerId: string
  /** The customer's name. */
  customer: string
  done: number
  failed: number
  /** Of done tasks. */
  megapixels: number
  /** From the claim to the end of done tasks. */
  seconds: number
  uploadedBytes: number
  /** As they were detected, without corrections. */
  detections: Record<ObjectClass, number>
}

/** What is stored now. */
export interface Storage {
  customerId: string
  customer: string
  /** Tasks whose files are not deleted. */
  tasks: number
  originalBytes: number
  /** Anonymized images, masks and regions. */
  resultBytes: number
}

type Row = Omit<UsageDay, 'detections'> & Record<ObjectClass, number>

/**
 * The days from `from` up to `before`, oldest first; those on which nothing ended are missing.
 * Without `customerId`: of all customers.
 */
export async function usageByDay(db: Queryable, from: Date, before: Date, customerId?: string): Promise<UsageDay[]> {
  const rows = await db.query<Row>(
    `select to_char(day, 'YYYY-MM-DD') as day, customer_id as "customerId", name as customer, done, failed, megapixels, seconds,
       uploaded_bytes as "uploadedBytes", ${CLASSES.join(', ')}
     from usage_days join customers on customers.id = customer_id
     where day >= ($1::timestamptz at time zone 'UTC')::date and day < $2::timestamptz at time zone 'UTC'
       and ($3::uuid is null or customer_id = $3)
     order by day, name`,
    [from, before, customerId ?? null],
  )
  return rows.map(({ face, person, license_plate, vehicle, ...day }) => ({
    ...day,
    detections: { face, person, license_plate, vehicle },
  }))
}

/** What is stored of a customer, or of all that have files. */
export async function storageOf(db: Queryable, customerId?: string): Promise<Storage[]> {
  return db.query<Storage>(
    `select customer_id as "customerId", name as customer, count(*) as tasks,
       coalesce(sum(upload_size), 0)::bigint as "originalBytes", coalesce(sum(result_bytes), 0)::bigint as "resultBytes"
     from tasks join customers on customers.id = customer_id
     where status <> 'deleted' and upload_time is not null and ($1::uuid is null or customer_id = $1)
     group by 1, 2
     order by 2`,
    [customerId ?? null],
  )
}
