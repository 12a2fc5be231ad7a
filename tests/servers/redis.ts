import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Certificates, makeCertificates } from './certificates.js'
import { freePort, makeServerFolder, until } from './server-folder.js'

const run = promisify(execFile)

export interface RedisServer {
  url: string
  /** The certificate of who signed the server's, when it speaks TLS. */
  caFile: string
  /** SIGKILL: what was not on disk is gone. */
  kill(): Promise<void>
  /** Starts a killed server again on its port. */
  start(): Promise<void>
  flush(): Promise<void>
  stop(): Promise<void>
}

export interface RedisOptions {
  password?: string
  /** With certificates made for it. */
  tls?: boolean
  certificates?: Certificates
}

/**
 * Starts a Redis of our own with nothing in it, without persistence: a restart loses everything.
 */
export async function startRedis({ password = '', tls = false, certificates: given }: RedisOptions = {}): Promise<RedisServer> {
  const folder = await makeServerFolder('redis', 'KILL')
  const port = await freePort()
  const certificates = given ?? (tls ? await makeCertificates(folder.path) : undefined)
  const secrets = { ...process.env, REDISCLI_AUTH: password }
  const cli = (...command: string[]) =>
    run(
      'redis-cli',
      ['-h', 'localhost', '-p', String(port), ...(certificates ? ['--tls', '--cacert', certificates.caFile] : []), ...command],
      {
        env: secrets,
      },
    )
  const args = [
    ...[
      '--bind',
      '127.0.0.1',
      '--dir',
      folder.path,
      '--pidfile',
      join(folder.path, 'redis.pid'),
      '--save',
      '',
      '--appendonly',
      'no',
    ],
    ...(password ? ['--requirepass', password] : []),
    ...(certificates
      ? [
          '--port',
          '0',
          '--tls-port',
          String(port),
          '--tls-cert-file',
          certificates.certificateFile,
          '--tls-key-file',
          certificates.keyFile,
          '--tls-auth-clients',
          'no',
        ]
      : ['--port', String(port)]),
  ]
  let server: ChildProcess
  const start = async () => {
    server = spawn('redis-server', args, { stdio: 'ignore' })
    await until(async () => (await cli('ping')).stdout.startsWith('PONG'), 10)
  }
  await start()
  return {
    url: `${certificates ? 'rediss' : 'redis'}://${password ? `:${encodeURIComponent(password)}@` : ''}localhost:${port}`,
    caFile: certificates?.caFile ?? '',
    start,
    kill: async () => {
      server.kill('SIGKILL')
      await once(server, 'exit')
    },
    flush: async () => void (await cli('flushall')),
    stop: folder.remove,
  }
}
