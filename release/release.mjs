/**
 * Makes a release of the state that is checked out: sets the version everywhere, gives the
 * changelog's unreleased part that version and date, commits, and tags. Pushing the tag starts the
 * workflow that builds and publishes.
 *
 * usage: npm run release -- major|minor|patch
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PARTS = ['major', 'minor', 'patch']
/** Files that name the version, beside those of npm, and how. */
const MENTIONS = {
  'deploy/kubernetes/kustomization.yaml': version => [/newTag: "[^"]+"/, `newTag: "${version}"`],
  'docs/install.md': version => [/(registry\.example\.com\/obscura:|\bobscura-)\d+\.\d+\.\d+/g, `$1${version}`],
}

class ReleaseError extends Error {
  name = 'ReleaseError'
}

const git = (...args) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
const read = file => readFileSync(join(ROOT, file), 'utf8')
const write = (file, text) => writeFileSync(join(ROOT, file), text)

/** The version after one of `part`: "0.1.3", minor -> "0.2.0" */
function nextVersion(version, part) {
  const numbers = version.split('.').map(Number)
  const place = PARTS.indexOf(part)
  return numbers.map((number, i) => (i < place ? number : i === place ? number + 1 : 0)).join('.')
}

/**
 * The changelog with its unreleased part under `version`. @throws ReleaseError when that is empty
 */
function withRelease(changelog, version, date) {
  const [, unreleased] = /^## Unreleased\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(changelog) ?? []
  if (!unreleased?.trim())
    throw new ReleaseError('CHANGELOG.md has nothing under "## Unreleased": describe the changes there first.')
  return changelog.replace(/^## Unreleased\n/m, `## Unreleased\n\n## ${version} (${date})\n`)
}

/**
 * Sets the version in every package.json and lock file, and that of dependencies on each other
 * never changes ("*").
 */
function setVersion(version) {
  const files = git('ls-files', 'package.json', '*/package.json')
    .split('\n')
    .filter(file => !file.includes('stubs/'))
  for (const file of files) write(file, read(file).replace(/("version": )"[^"]+"/, `$1"${version}"`))
  const folders = new Set(files.map(file => file.replace(/\/?package\.json$/, '')))
  for (const file of git('ls-files', 'package-lock.json', '*/package-lock.json').split('\n')) {
    const lock = JSON.parse(read(file))
    lock.version = version
    for (const [path, entry] of Object.entries(lock.packages))
      if (entry.version && (path === '' || folders.has(path))) entry.version = version
    write(file, `${JSON.stringify(lock, null, 2)}\n`)
  }
  for (const [file, change] of Object.entries(MENTIONS)) write(file, read(file).replace(...change(version)))
}

function release(part) {
  if (!PARTS.includes(part)) throw new ReleaseError(`usage: npm run release -- ${PARTS.join('|')}`)
  if (git('status', '--porcelain'))
    throw new ReleaseError('There are changes that are not committed: commit or stash them first.')
  const version = nextVersion(JSON.parse(read('package.json')).version, part)
  if (git('tag', '--list', `v${version}`)) throw new ReleaseError(`The tag v${version} exists already.`)
  const changelog = withRelease(read('CHANGELOG.md'), version, new Date().toISOString().slice(0, 10))
  setVersion(version)
  write('CHANGELOG.md', changelog)
  git('commit', '--quiet', '--all', '--message', `Release ${version}`)
  git('tag', '--annotate', '--message', `Obscura ${version}`, `v${version}`)
  console.log(`Committed and tagged v${version}. To publish it: git push --follow-tags`)
}

try {
  release(parseArgs({ allowPositionals: true }).positionals[0])
} catch (error) {
  if (!(error instanceof ReleaseError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
