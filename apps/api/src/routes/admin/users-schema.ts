/** Users and customers as JSON Schema. */
import Type from 'typebox'
import { time } from '../../schemas.js'

export const UserResponse = Type.Object({
  username: Type.String(),
  customer: Type.String(),
  customer_id: Type.String(),
  is_admin: Type.Boolean(),
  create_time: time,
})
export const UsersResponse = Type.Object({ items: Type.Array(UserResponse) })
export const AddUserBody = Type.Object({
  username: Type.String(),
  password: Type.String(),
  customer: Type.Optional(Type.String({ default: 'default', description: 'Created if it does not exist.' })),
})
export const PasswordBody = Type.Object({ password: Type.String() })
export const SignedOutResponse = Type.Object({ count: Type.Integer({ description: 'Sessions that ended.' }) })
export const UserPath = Type.Object({ username: Type.String() })
export const CustomersResponse = Type.Object({
  items: Type.Array(
    Type.Object({
      customer: Type.String(),
      customer_id: Type.String(),
      create_time: time,
      users: Type.Integer(),
      retention_days: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'null: RETENTION_DAYS.' }),
      tasks: Type.Integer({ description: 'Deleted ones included, as long as they have a row.' }),
    }),
  ),
})
export const CustomerPath = Type.Object({ id: Type.String({ description: 'customer_id' }) })
export const RetentionBody = Type.Object({
  days: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'At most RETENTION_DAYS; null: as that.' }),
})
