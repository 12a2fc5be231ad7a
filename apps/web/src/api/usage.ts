/** What was done on which day, as the page shows it. */
import type { ObjectClass } from '@obscura/contract'
import { call } from './session.js'

/** What ended on one day. */
export interface UsageDay {
  /** YYYY-MM-DD in UTC. */
  day: string
  done: number
  failed: number
  megapixels: number
  seconds: number
  uploaded_bytes: number
  detections: Record<ObjectClass, number>
}

/** What is stored now. */
export interface Storage {
  tasks: number
  original_bytes: number
  result_bytes: number
}

interface OfCustomer {
  customer: string
  customer_id: string
}

/** What was done by day, and what is stored; with customers for administrators. */
export interface Usage {
  items: (UsageDay & Partial<OfCustomer>)[]
  storage: (Storage & Partial<OfCustomer>)[]
}

/** The days from a first one (YYYY-MM-DD) on: of the own customer, or of all for administrators. */
export async function getUsage(first: string, ofAll: boolean): Promise<Usage> {
  const query = `?create_time_after=${first}`
  if (ofAll) return call('GET', `v2/admin/usage${query}`)
  const { items, storage } = await call<{ items: UsageDay[]; storage: Storage }>('GET', `v2/usage/days${query}`)
  return { items, storage: [storage] }
}
