import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort, makeServerFolder, until } from './server-folder.js'

const run = promisify(execFile)

export interface RedisServer {
  url: string
  /** The certificate that signs the server's, when it speaks TLS. */
  caFile: string
  /** SIGKILL: what was not on disk is gone. */
  kill(): Promise<void>
  /** Starts a killed server again on its port. */
  start(): Promise<void>
  flush(): Promise<void>
  stop(): Promise<void>
}

/** Starts a Redis of our own with nothing in it, without persistence: a restart loses everything. */
export async function startRedis({ password = '', tls = false } = {}): Promise<RedisServer> {
  const folder = await makeServerFolder('redis', 'KILL')
  const port = await freePort()
  const certificate = join(folder.path, 'certificate.pem')
  const key = join(folder.path, 'key.pem')
  if (tls) await makeCertificate(certificate, key)
  const secrets = { ...process.env, REDISCLI_AUTH: password }
  const cli = (...command: string[]) =>
    run('redis-cli', ['-h', 'localhost', '-p', String(port), ...(tls ? ['--tls', '--cacert', certificate] : []), ...command], {
      env: secrets,
    })
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
    ...(tls
      ? [
          '--port',
          '0',
          '--tls-port',
          String(port),
          '--tls-cert-file',
          certificate,
          '--tls-key-file',
          key,
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
    url: `${tls ? 'rediss' : 'redis'}://${password ? `:${encodeURIComponent(password)}@` : ''}localhost:${port}`,
    caFile: certificate,
    start,
    kill: async () => {
      server.kill('SIGKILL')
      await once(server, 'exit')
    },
    flush: async () => void (await cli('flushall')),
    stop: folder.remove,
  }
}

async function makeCertificate(certificate: string, key: string): Promise<void> {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  await run('openssl', ['req', '-x509', '-days', '1', ...newKey, '-keyout', key, '-out', certificate, ...subject])
}
