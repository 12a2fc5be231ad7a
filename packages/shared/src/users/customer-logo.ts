import type { Area } from '@obscura/contract'
import type { Queryable } from '../db/db.js'

/** The image for areas with the method `logo`, as the customer gave it. */
export async function customerLogo(db: Queryable, customerId: string): Promise<Uint8Array | undefined> {
  const [row] = await db.query<{ logo: Uint8Array | null }>('select logo from customers where id = $1', [customerId])
  return row?.logo ?? undefined
}

/** Replaces it, or removes it. Images that are rendered from now on show the new one. */
export async function setCustomerLogo(db: Queryable, customerId: string, logo: Uint8Array | null): Promise<void> {
  await db.query('update customers set logo = $2 where id = $1', [customerId, logo])
}

/** The logo that an image with these areas needs. */
export async function logoFor(db: Queryable, customerId: string, areas: readonly Area[]): Promise<Uint8Array | undefined> {
  return areas.some(({ method }) => method === 'logo') ? customerLogo(db, customerId) : undefined
}
