/** The routes for administrators. */
import { call } from './session.js'

/** A user as administrators see it. */
export interface User {
  username: string
  customer: string
  is_admin: boolean
  create_time: string
}

/** A customer as administrators see it. */
export interface Customer {
  customer: string
  customer_id: string
  users: number
  tasks: number
  /** null: that of the service. */
  retention_days: number | null
}

/** Health, settings, workers and models of the service. */
export interface Service {
  checks: Record<string, string>
  retention_days: number
  task_rows_days: number
  four_eyes: boolean
  workers: { worker: string; seen_time: string; profile: string; fingerprint: string }[]
  models: {
    name: string
    title: string
    licence: string
    origin: string
    finds: string[]
    profiles: string[]
    accuracy: string | null
  }[]
}

/** A line of the audit log. */
export interface AuditEntry {
  id: number
  time: string
  action: string
  username: string
  customer: string | null
  task_id: number | null
  subject: string | null
  address: string
}

const pathOf = (username: string) => `v2/admin/users/${encodeURIComponent(username)}`

export const listUsers = async () => (await call<{ items: User[] }>('GET', 'v2/admin/users')).items
export const addUser = (user: { username: string; password: string; customer: string }) => call('POST', 'v2/admin/users', user)
export const setPassword = (username: string, password: string) => call('PUT', `${pathOf(username)}/password`, { password })
export const setAdmin = (username: string, isAdmin: boolean) => call(isAdmin ? 'PUT' : 'DELETE', `${pathOf(username)}/admin`)
export const endSessions = (username: string) => call('DELETE', `${pathOf(username)}/sessions`)
export const removeUser = (username: string) => call('DELETE', pathOf(username))
export const listCustomers = async () => (await call<{ items: Customer[] }>('GET', 'v2/admin/customers')).items
export const removeCustomer = (id: string) => call('DELETE', `v2/admin/customers/${id}`)
/** @param days null: as the service */
export const setRetention = (id: string, days: number | null) => call('PUT', `v2/admin/customers/${id}/retention`, { days })
export const getService = () => call<Service>('GET', 'v2/admin/service')

/** A page of the audit log, newest first. */
export function listAudit(before: number | null): Promise<{ items: AuditEntry[]; next_page_key: number | null }> {
  return call('GET', `v2/admin/audit?limit=100${before === null ? '' : `&next_page_key=${before}`}`)
}
