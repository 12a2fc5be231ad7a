import { type ChildProcess, execFile, execFileSync, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Certificates } from './certificates.js'
import { findProgram } from './requirement.js'
import { freePort, makeServerFolder, until } from './server-folder.js'

const run = promisify(execFile)

export interface PostgresServer {
  /** Makes an empty database. @returns its URL */
  createDatabase(): Promise<string>
  /** Ends the server as a crash would (SIGQUIT: no checkpoint, clients are cut off). */
  kill(): Promise<void>
  /** Starts a killed server again on its port; it recovers from its log. */
  start(): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts a PostgreSQL of our own, in a fresh cluster. It refuses to run as root, so root starts it
 * as the user postgres. `env` is added to its environment; with `certificates` it speaks TLS.
 */
export async function startPostgres(env: Record<string, string> = {}, certificates?: Certificates): Promise<PostgresServer> {
  const folder = await makeServerFolder('postgres', 'INT')
  const user: { uid?: number; gid?: number } = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {}
  if (user.uid && user.gid) await chown(folder.path, user.uid, user.gid)
  const options: SpawnOptions = { ...user, cwd: folder.path, stdio: 'ignore', env: { ...process.env, ...env } }
  const port = await freePort()
  const data = join(folder.path, 'data')
  const url = (database: string) => `postgresql://postgres@127.0.0.1:${port}/${database}`
  await run(program('initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '-N'], {
    ...user,
    cwd: folder.path,
  })
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder.path,
    external_pid_file: join(folder.path, 'postgres.pid'),
    fsync: 'off',
    log_min_messages: 'panic',
    ...(certificates && (await tlsSettings(certificates, data, user))),
  }
  const args = [
    '-D',
    data,
    '-p',
    String(port),
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
  let server: ChildProcess
  const start = async () => {
    server = spawn(program('postgres'), args, options)
    await until(() => run(program('psql'), ['-c', 'select 1', url('postgres')]), 20)
  }
  await start()
  let databases = 0
  return {
    createDatabase: async () => {
      const name = `test_${++databases}`
      await run(program('psql'), ['-c', `create database ${name}`, url('postgres')])
      return url(name)
    },
    start,
    kill: async () => {
      server.kill('SIGQUIT')
      await once(server, 'exit')
    },
    stop: folder.remove,
  }
}

// PostgreSQL takes a key that is its own and nobody else's only.
async function tlsSettings({ certificateFile, keyFile }: Certificates, data: string, user: { uid?: number; gid?: number }) {
  const [certificate, key] = [join(data, 'certificate.pem'), join(data, 'key.pem')]
  await copyFile(certificateFile, certificate)
  await copyFile(keyFile, key)
  await chmod(key, 0o600)
  if (user.uid && user.gid) for (const file of [certificate, key]) await chown(file, user.uid, user.gid)
  return { ssl: 'on', ssl_cert_file: certificate, ssl_key_file: key }
}

function program(name: string): string {
  return findProgram(name) ?? name
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'postgres']))
}
