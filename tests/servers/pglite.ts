/** Embedded databases for tests. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'

const CACHE = new URL('../../node_modules/.cache/obscura/', import.meta.url)
const { version } = JSON.parse(
  await readFile(new URL('../../node_modules/@electric-sql/pglite/package.json', import.meta.url), 'utf8'),
)

/**
 * The files of a new, empty database. PGlite takes five seconds of CPU to make them and less than
 * one to read them, so they are made once and kept beside the installed packages.
 */
export async function emptyDatabase(): Promise<Blob> {
  const file = new URL(`pglite-${version}.tar`, CACHE)
  return new Blob([await readFile(file).catch(() => make(file))])
}

async function make(file: URL): Promise<Buffer> {
  const pglite = await PGlite.create()
  const files = Buffer.from(await (await pglite.dumpDataDir('none')).arrayBuffer())
  await pglite.close()
  await mkdir(CACHE, { recursive: true })
  // Written aside: another test may be doing the same.
  const aside = `${fileURLToPath(file)}.${process.pid}`
  await writeFile(aside, files)
  await rename(aside, file)
  return files
}
