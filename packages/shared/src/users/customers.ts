import type { Db, Queryable } from '../db/db.js'

/** A customer with the numbers of its users and tasks. */
export interface Customer {
  id: string
  name: string
  createTime: Date
  users: number
  /** Rows of tasks, deleted ones included. */
  tasks: number
  /** Days after which files are deleted; null: as the setting says. */
  retentionDays: number | null
}

/** All customers by name. */
export async function listCustomers(db: Queryable): Promise<Customer[]> {
  return db.query<Customer>(
    `select id, name, create_time as "createTime",
       (select count(*) from users where customer_id = customers.id) as users,
       (select count(*) from tasks where customer_id = customers.id) as tasks,
       retention_days as "retentionDays"
     from customers order by name`,
  )
}

/** The customer has users or tasks; the message says what to do. */
export class CustomerInUseError extends Error {
  override readonly name = 'CustomerInUseError'
  constructor(name: string) {
    super(
      `The customer ${name} has users or tasks: remove its users and delete the files of its tasks. Rows of deleted tasks go after TASK_ROWS_DAYS.`,
    )
  }
}

/**
 * Removes a customer that has no users and no tasks, with what was counted of it.
 * @returns its name; undefined when there is no such customer
 * @throws CustomerInUseError
 */
export async function removeCustomer(db: Db, id: string): Promise<string | undefined> {
  return db.transaction(async tx => {
    const [customer] = await tx.query<{ name: string; used: boolean }>(
      `select name, exists (select from users where customer_id = customers.id)
         or exists (select from tasks where customer_id = customers.id) as used
       from customers where id::text = $1 for update`,
      [id],
    )
    if (!customer) return undefined
    if (customer.used) throw new CustomerInUseError(customer.name)
    for (const table of ['usage_days', 'removed_tasks']) await tx.query(`delete from ${table} where customer_id = $1`, [id])
    await tx.query('delete from customers where id = $1', [id])
    return customer.name
  })
}

/**
 * Sets after how many days the files of a customer's tasks are deleted; null: as the setting says.
 * @returns its name; undefined when there is no such customer
 */
export async function setRetention(db: Queryable, id: string, days: number | null): Promise<string | undefined> {
  const [customer] = await db.query<{ name: string }>(
    'update customers set retention_days = $2 where id::text = $1 returning name',
    [id, days],
  )
  return customer?.name
}
