/** A user with its customer. */
export interface User {
  id: string
  customerId: string
  /** The customer's name. */
  customer: string
  username: string
  /** Sees the figures of the whole service and the audit log. */
  isAdmin: boolean
  createTime: Date
}

/** Selects users; a condition may follow. */
export const USERS = `select users.id, users.customer_id as "customerId", customers.name as customer, users.username, users.is_admin as "isAdmin", users.create_time as "createTime"
  from users join customers on customers.id = users.customer_id`
