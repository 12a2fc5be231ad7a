import { createHash, randomUUID } from 'node:crypto'
import { access, cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { migrate, openPGlite } from '@obscura/shared'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const MIGRATIONS = join(ROOT, 'packages/shared/src/db/migrations')

/** A fresh data folder whose embedded database is ready: a copy of one that was made before, because making it takes seconds. */
export async function createDataFolder(): Promise<string> {
  const template = join(ROOT, 'node_modules/.cache/obscura-test', await schemaHash())
  const exists = await access(template).then(
    () => true,
    () => false,
  )
  if (!exists) await createTemplate(template)
  const folder = await mkdtemp(join(tmpdir(), 'obscura-api-'))
  await cp(template, join(folder, 'database'), { recursive: true })
  return folder
}

// Made aside and renamed, so that of test files that run at once one wins and none copies half a database.
async function createTemplate(template: string): Promise<void> {
  const aside = `${template}.${randomUUID()}`
  await mkdir(aside, { recursive: true })
  const db = await openPGlite(aside)
  await migrate(db)
  await db.close()
  await rename(aside, template).catch(() => rm(aside, { recursive: true }))
}

async function schemaHash(): Promise<string> {
  const hash = createHash('sha256').update(await readFile(join(ROOT, 'node_modules/@electric-sql/pglite/package.json')))
  for (const name of (await readdir(MIGRATIONS)).sort()) hash.update(await readFile(join(MIGRATIONS, name)))
  return hash.digest('hex').slice(0, 16)
}
