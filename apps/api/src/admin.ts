/**
 * How a program on the same machine reaches a running service, above all `obscura user add` beside the embedded database, which only one
 * process may open. The service writes its address and a fresh secret to a file that only its owner may read; whoever can read it could
 * read the database as well.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Header that carries the secret. */
export const ADMIN_HEADER = 'x-obscura-admin'

export interface AdminAccess {
  /** Where the service listens, for example http://127.0.0.1:8080 */
  url: string
  secret: string
}

export function createAdminSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** Whether a header's value is the secret. */
export function isAdminSecret(secret: string, given: unknown): boolean {
  const [right, offered] = [Buffer.from(secret), Buffer.from(String(given))]
  return right.length === offered.length && timingSafeEqual(right, offered)
}

const file = (folder: string) => join(folder, 'admin.json')

/** Makes the service reachable for who may read `folder`; call once it listens. */
export async function writeAdminAccess(folder: string, access: AdminAccess): Promise<void> {
  const aside = `${file(folder)}.${process.pid}`
  await writeFile(aside, JSON.stringify(access), { mode: 0o600 })
  await rename(aside, file(folder))
}

/** @returns undefined when no service has said how to reach it; one that was killed may have left its file behind */
export async function readAdminAccess(folder: string): Promise<AdminAccess | undefined> {
  try {
    return JSON.parse(await readFile(file(folder), 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export async function removeAdminAccess(folder: string): Promise<void> {
  await rm(file(folder), { force: true })
}
