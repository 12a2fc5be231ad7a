/** Versions of this repository that a test can check out and update. */
import { execFile } from 'node:child_process'
import { cp, mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const MIGRATIONS = 'packages/shared/src/db/migrations'
const AUTHOR = ['-c', 'user.name=Tester', '-c', 'user.email=tester@example.com']

async function git(repository: string, ...args: string[]): Promise<string> {
  return (await run('git', args, { cwd: repository, maxBuffer: 64e6 })).stdout.trim()
}

/**
 * Makes a clone in `folder` whose branch `main` has the state of `repository`, changes that are not
 * committed included, and can be pulled.
 * @returns its path
 */
export async function cloneOf(repository: string, folder: string): Promise<string> {
  const [origin, clone] = [path.join(folder, 'origin'), path.join(folder, 'clone')]
  await git(repository, 'clone', '--quiet', '--shared', repository, origin)
  await git(origin, 'checkout', '--quiet', '-B', 'main')
  const listed = await git(repository, 'ls-files', '--cached', '--others', '--exclude-standard', '-z')
  for (const file of listed.split('\0').filter(Boolean)) {
    const [from, to] = [path.join(repository, file), path.join(origin, file)]
    await mkdir(path.dirname(to), { recursive: true })
    await cp(from, to).catch(error => {
      if (error.code !== 'ENOENT') throw error
      return rm(to, { force: true })
    })
  }
  await git(origin, 'add', '--all')
  await git(origin, ...AUTHOR, 'commit', '--quiet', '--allow-empty', '--message', 'State')
  await git(folder, 'clone', '--quiet', '--shared', origin, clone)
  return clone
}

/**
 * The version from which users upgrade: the latest release, and before the first one the state
 * before the newest migration of the database.
 * @returns a commit; undefined where the clone is too shallow to know
 */
export async function previousVersion(repository: string): Promise<string | undefined> {
  const commit = (name: string) => git(repository, 'rev-parse', '--quiet', '--verify', `${name}^{commit}`).catch(() => undefined)
  const tag = await git(repository, 'describe', '--tags', '--abbrev=0', '--match=v*', 'HEAD^').catch(() => undefined)
  if (tag) return commit(tag)
  const added = ['log', '-1', '--first-parent', '-m', '--diff-filter=A', '--format=%H', '--', MIGRATIONS]
  return commit(`${await git(repository, ...added)}^`)
}
