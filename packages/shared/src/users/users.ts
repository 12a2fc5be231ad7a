/** Customers own tasks; users sign in and act for their customer. */
import { randomUUID } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import type { Db, Queryable } from '../db/db.js'

export interface User {
  id: string
  customerId: string
  /** The customer's name. */
  customer: string
  username: string
  createTime: Date
}

/** The username is taken already. */
export class UserExistsError extends Error {
  override readonly name = 'UserExistsError'
}

const USERS = `select users.id, users.customer_id as "customerId", customers.name as customer, users.username, users.create_time as "createTime"
  from users join customers on customers.id = users.customer_id`

// argon2id is the library's default; memory (19 MiB) and passes (2) are OWASP's minimum, 12 ms on an ordinary core.
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Adds a user to the customer of that name, who is made when there is none. @throws UserExistsError */
export async function addUser(db: Db, username: string, password: string, customer: string): Promise<User> {
  const passwordHash = await hash(password, ARGON2)
  return db.transaction(async tx => {
    await tx.query('insert into customers (id, name) values ($1, $2) on conflict (name) do nothing', [randomUUID(), customer])
    const [added] = await tx.query(
      `insert into users (id, customer_id, username, password_hash)
       select $1, id, $2, $3 from customers where name = $4
       on conflict (username) do nothing
       returning id`,
      [randomUUID(), username, passwordHash, customer],
    )
    if (!added) throw new UserExistsError(`There is a user named ${username} already.`)
    return (await findUser(tx, username))!
  })
}

export async function findUser(db: Queryable, username: string): Promise<User | undefined> {
  const [user] = await db.query<User>(`${USERS} where users.username = $1`, [username])
  return user
}

/** All users by name; with `customer` only those of the customer of that name. */
export async function listUsers(db: Queryable, customer?: string): Promise<User[]> {
  return db.query<User>(`${USERS} where $1::text is null or customers.name = $1 order by users.username`, [customer ?? null])
}

let nobodysHash: Promise<string> | undefined

/** Checks a password. Takes as long for a user that does not exist. @returns undefined when user or password are wrong */
export async function verifyPassword(db: Queryable, username: string, password: string): Promise<User | undefined> {
  const [row] = await db.query<{ passwordHash: string }>(
    'select password_hash as "passwordHash" from users where username = $1',
    [username],
  )
  nobodysHash ??= hash(randomUUID(), ARGON2)
  const nobodys = await nobodysHash
  const right = await verify(row?.passwordHash ?? nobodys, password)
  return row && right ? findUser(db, username) : undefined
}

/** Sets a new password and ends the user's refresh tokens. @returns false when there is no such user */
export async function setPassword(db: Db, username: string, password: string): Promise<boolean> {
  const passwordHash = await hash(password, ARGON2)
  return db.transaction(async tx => {
    const [user] = await tx.query<{ id: string }>('update users set password_hash = $2 where username = $1 returning id', [
      username,
      passwordHash,
    ])
    if (user) await tx.query('delete from refresh_tokens where user_id = $1', [user.id])
    return user !== undefined
  })
}

/** Removes a user; the customer and its tasks stay. @returns false when there is no such user */
export async function removeUser(db: Queryable, username: string): Promise<boolean> {
  const removed = await db.query('delete from users where username = $1 returning id', [username])
  return removed.length > 0
}
