import type { Queryable } from '../db/db.js'

/** The default of the parameter `areas` for the tasks of a customer; empty text means none. */
export async function customerAreas(db: Queryable, customerId: string): Promise<string> {
  const [row] = await db.query<{ areas: string }>('select areas from customers where id = $1', [customerId])
  return row?.areas ?? ''
}

/** Replaces that default. Tasks that exist keep their areas. */
export async function setCustomerAreas(db: Queryable, customerId: string, areas: string): Promise<void> {
  await db.query('update customers set areas = $2 where id = $1', [customerId, areas])
}
