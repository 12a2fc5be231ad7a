/**
 * Makes the archive for machines without a network, for this platform: a folder that runs with
 * Node.js alone, and the archive's checksum.
 *
 * usage: npm run archive -- FOLDER
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** @returns the path of the archive */
function archive(folder) {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const name = `obscura-${version}`
  const file = join(folder, `${name}-${process.platform}-${process.arch}.tar.gz`)
  mkdirSync(folder, { recursive: true })
  const work = mkdtempSync(join(folder, '.work-'))
  try {
    execFileSync(process.execPath, [join(ROOT, 'release/bundle.mjs'), join(work, name)], { stdio: 'inherit' })
    execFileSync('tar', ['-czf', file, '-C', work, name], { stdio: 'inherit' })
  } finally {
    rmSync(work, { recursive: true })
  }
  const checksum = createHash('sha256').update(readFileSync(file)).digest('hex')
  writeFileSync(`${file}.sha256`, `${checksum}  ${file.slice(folder.length + 1)}\n`)
  return file
}

if (!process.argv[2]) throw new Error('usage: npm run archive -- FOLDER')
console.log(archive(resolve(process.argv[2])))
