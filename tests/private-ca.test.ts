/**
 * PostgreSQL, Redis and S3 whose certificates are signed by an authority of one's own: what
 * `obscura doctor` says, and what helps.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { prepareBucket } from '@obscura/shared/s3'
import { startCeph } from '@obscura/test-servers/ceph'
import { type Certificates, makeCertificates } from '@obscura/test-servers/certificates'
import { startPostgres } from '@obscura/test-servers/postgres'
import { startRedis } from '@obscura/test-servers/redis'
import { missing } from '@obscura/test-servers/requirement'
import { startTlsProxy } from '@obscura/test-servers/tls-proxy'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { obscura } from './command.js'

describe.skipIf(missing('initdb') || missing('redis-server') || missing('radosgw'))('an authority of your own', () => {
  let folder: string
  let certificates: Certificates
  let settings: Record<string, string>
  let otherName: string
  const endings: (() => unknown)[] = []

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'private-ca-'))
    certificates = await makeCertificates(folder)
    const [postgres, redis, ceph] = await Promise.all([
      startPostgres({}, certificates),
      startRedis({ certificates }),
      startCeph(),
    ])
    const s3 = await startTlsProxy(ceph.endpoint, certificates)
    endings.push(postgres.stop, redis.stop, ceph.stop, s3.stop)
    const credentials = { accessKeyId: ceph.accessKeyId, secretAccessKey: ceph.secretAccessKey }
    const bucket = {
      endpoint: ceph.endpoint,
      publicEndpoint: ceph.endpoint,
      region: 'us-east-1',
      bucket: 'obscura',
      forcePathStyle: true,
    }
    await prepareBucket({ ...bucket, credentials }, { expireDays: 0 })
    const database = (await postgres.createDatabase()).replace('127.0.0.1', 'localhost')
    otherName = database.replace('localhost', 'ip6-localhost')
    settings = {
      OBSCURA_DATA: path.join(folder, 'data'),
      ENGINE_PROFILE: 'fast',
      DATABASE_URL: `${database}?sslmode=verify-full`,
      REDIS_URL: redis.url,
      S3_ENDPOINT: s3.url,
      S3_PUBLIC_ENDPOINT: s3.url.replace('localhost', '127.0.0.1'),
      S3_ACCESS_KEY_ID: credentials.accessKeyId,
      S3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      NODE_EXTRA_CA_CERTS: '',
    }
  })
  afterAll(async () => {
    for (const end of endings) await end()
    await rm(folder, { recursive: true, force: true })
  })

  const doctor = async (changes: Record<string, string> = {}) => {
    const { code, stdout } = await obscura(['doctor'], { env: { ...settings, ...changes } })
    const said = (check: string) => stdout.split('\n').find(line => line.includes(`  ${check}: `))
    return { code, said }
  }

  test('that is not known here: each service is named with what to do', async () => {
    const { code, said } = await doctor()
    expect(code).toBe(1)
    for (const service of ['database', 'store', 'redis', 'public S3 address'])
      expect(said(service)).toMatch(/^FAIL.*Set NODE_EXTRA_CA_CERTS to a file with the authority's certificate/)
    expect(said('database')).toContain('sslrootcert=FILE')
    expect((await obscura(['setup'], { env: settings })).stderr).toContain('NODE_EXTRA_CA_CERTS')
  })

  test('is accepted everywhere once NODE_EXTRA_CA_CERTS names it', async () => {
    const env = { ...settings, NODE_EXTRA_CA_CERTS: certificates.caFile, OBSCURA_PASSWORD: 'long enough secret' }
    expect(await obscura(['setup'], { env })).toMatchObject({ code: 0 })
    const { code, said } = await doctor(env)
    expect(said('certificates of your own')).toMatch(/^ok.*CN=Test authority/)
    for (const service of ['database', 'store', 'redis', 'public S3 address']) expect(said(service)).toMatch(/^ok/)
    expect(code).toBe(0)
  })

  test('in a file with many others is counted, not listed', async () => {
    const bundle = path.join(folder, 'bundle.pem')
    await writeFile(bundle, (await readFile(certificates.caFile, 'utf8')).repeat(140))
    expect((await doctor({ NODE_EXTRA_CA_CERTS: bundle })).said('certificates of your own')).toMatch(/adds 140 certificates$/)
  })

  test('for PostgreSQL alone can stand in DATABASE_URL', async () => {
    const { said } = await doctor({ DATABASE_URL: `${settings.DATABASE_URL}&sslrootcert=${certificates.caFile}` })
    expect(said('database')).toMatch(/^ok/)
    expect(said('redis')).toMatch(/^FAIL/)
  })

  test('is refused for another host name, with the reason', async () => {
    const { said } = await doctor({ DATABASE_URL: `${otherName}?sslmode=verify-full&sslrootcert=${certificates.caFile}` })
    expect(said('database')).toMatch(/^FAIL.*(for another host name|ENOTFOUND|ECONNREFUSED)/)
  })

  test('in a file that cannot be read, or holds none, is found out', async () => {
    const empty = path.join(folder, 'empty.pem')
    await writeFile(empty, 'nothing')
    expect((await doctor({ NODE_EXTRA_CA_CERTS: path.join(folder, 'none.pem') })).said('certificates of your own')).toMatch(
      /^FAIL.*ENOENT/,
    )
    expect((await doctor({ NODE_EXTRA_CA_CERTS: empty })).said('certificates of your own')).toMatch(/^FAIL.*no PEM certificate/)
  })
})
