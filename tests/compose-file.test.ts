/** docker-compose.yml and docker/.env.example: that they fit each other and the settings. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { RENAMED, readConfig, VARIABLES } from '@obscura/shared'
import { missing } from '@obscura/test-servers/requirement'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { REPOSITORY } from './command.js'

const run = promisify(execFile)
const read = (file: string) => readFileSync(path.join(REPOSITORY, file), 'utf8')

interface ComposeService {
  image: string
  user?: string
  environment: Record<string, string | number>
  command?: string[]
  ports?: string[]
  volumes?: string[]
  networks: string[]
  depends_on?: Record<string, unknown>
  healthcheck?: object
  build?: object
  tmpfs?: string[]
  read_only?: boolean
  cap_drop?: string[]
  security_opt?: string[]
  deploy: { resources: { limits: { cpus: string; memory: string } } }
}

interface Compose {
  services: Record<string, ComposeService>
  networks: Record<string, { internal?: boolean } | null>
  volumes: Record<string, unknown>
}

const OURS = ['api', 'worker', 'setup']
/** These end by themselves. */
const ONCE = ['setup', 's3-key']

describe('docker-compose.yml', () => {
  const text = read('docker-compose.yml')
  const { services, networks, volumes } = parse(text, { merge: true }) as Compose
  const example = Object.fromEntries(
    [...read('docker/.env.example').matchAll(/^([A-Z_0-9]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  )
  const each = Object.entries(services)

  test.each(each)('%s refers to what there is', (_, service) => {
    expect(Object.keys(services)).toEqual(expect.arrayContaining(Object.keys(service.depends_on ?? {})))
    expect(Object.keys(networks)).toEqual(expect.arrayContaining(service.networks))
    const sources = (service.volumes ?? []).map(volume => volume.split(':')[0])
    for (const source of sources.filter(name => name.startsWith('.')))
      expect(existsSync(path.join(REPOSITORY, source))).toBe(true)
    expect(Object.keys(volumes)).toEqual(expect.arrayContaining(sources.filter(name => !name.startsWith('.'))))
  })

  test.each(each)('%s is confined: image pinned, nothing to write to, no privileges, limits', (name, service) => {
    expect(service.image).toMatch(OURS.includes(name) ? /^\$\{OBSCURA_IMAGE:-/ : /:-[\w/]+:.*\d+\.\d+|:-[\w/]+:RELEASE\.\d{4}-/)
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] })
    expect(service.deploy.resources.limits).toEqual({ cpus: expect.any(String), memory: expect.any(String) })
    expect(service.healthcheck !== undefined).toBe(!ONCE.includes(name))
  })

  test('only API and S3 listen on the host, by default for the host alone; database and Redis have no way out', () => {
    const published = each.flatMap(([name, { ports = [] }]) => ports.map(port => [name, port]))
    expect(published.map(([name]) => name)).toEqual(['api', 's3'])
    for (const [, port] of published) expect(port).toMatch(/^\$\{\w+:-127\.0\.0\.1\}:/)
    expect(networks.inside).toEqual({ internal: true })
    for (const name of ['postgres', 'redis']) expect(services[name].networks).toEqual(['inside'])
  })

  test('the password of the first user and the root key of the S3 server go to what needs them alone', () => {
    const knowing = (secret: string) =>
      each.filter(([, { environment = {} }]) => JSON.stringify(environment).includes(secret)).map(([name]) => name)
    expect(knowing('OBSCURA_PASSWORD')).toEqual(['setup'])
    expect(knowing('S3_ROOT_PASSWORD').sort()).toEqual(['s3', 's3-key', 'setup'])
    expect(knowing('S3_SECRET_ACCESS_KEY:').sort()).toEqual(['api', 's3-key', 'worker'])
    for (const name of ['api', 'worker']) expect(services[name].environment.S3_ACCESS_KEY_ID).toBe('obscura')
  })

  test('the key of API and workers is made once, and made again without complaint', async () => {
    const { entrypoint, volumes: mounts = [] } = services['s3-key'] as ComposeService & { entrypoint: string[] }
    expect([entrypoint[1], mounts]).toEqual(['/setup/make-key.sh', ['./docker/s3:/setup:ro']])
    const script = read('docker/s3/make-key.sh')
    const key = async (attach: string, info: string) => {
      const mc = `mc() { echo "mc $*"; case "$*" in *attach*) ${attach} ;; *info*) echo "${info}" ;; esac; }`
      return run('sh', ['-c', `${mc}\n${script}`], { env: { ...process.env, S3_SECRET_ACCESS_KEY: 'secret' } })
    }
    const { stdout } = await key('true', '')
    expect(stdout.trim().split('\n')).toEqual([
      'mc admin user add s3 obscura secret',
      'mc admin policy create s3 obscura /setup/policy.json',
      'mc admin policy attach s3 obscura --user obscura',
    ])
    await key('false', 'AccessKey: obscura PolicyName: obscura')
    await expect(key('false', 'AccessKey: obscura PolicyName: ')).rejects.toThrow()
  })

  test.each(OURS)('%s gets settings that exist and are valid', name => {
    const { environment } = services[name]
    const ours = Object.keys(environment).filter(variable => !variable.startsWith('OTEL_') || variable in VARIABLES)
    expect([...Object.keys(VARIABLES), ...Object.keys(RENAMED)]).toEqual(expect.arrayContaining(ours))
    // So that their use in .env is reported.
    expect(ours).toEqual(expect.arrayContaining(Object.keys(RENAMED)))
    const values = Object.entries(environment).map(([variable, value]) => [variable, fill(String(value), example)])
    expect(() => readConfig(Object.fromEntries(values))).not.toThrow()
  })

  test('every setting can be set in .env, but for the few that the file fixes, which the example names', () => {
    const all = Object.assign({}, ...[...OURS].reverse().map(name => services[name].environment)) as Record<string, string>
    const isFixed = (name: string) => !String(all[name] ?? '').startsWith(`\${${name}:`)
    const fixed = Object.keys(VARIABLES).filter(isFixed)
    const said = /Fixed in docker-compose.yml are only ([^.]+)\./.exec(read('docker/.env.example').replaceAll('\n#', ''))![1]
    expect(fixed.sort()).toEqual(said.split(/, | and /).sort())
    for (const name of ['api', 'worker']) {
      const given = Object.keys(services[name].environment)
      expect(given).toEqual(
        expect.arrayContaining(
          Object.keys(VARIABLES).filter(variable => !fixed.includes(variable) && !/^OBSCURA_/.test(variable)),
        ),
      )
    }
  })

  test('any of our services can be built first, because all of them know how', () => {
    for (const name of OURS) expect(services[name]).toMatchObject({ image: services.api.image, build: services.api.build })
  })

  test('tmpfs options are those that podman knows as well', () => {
    const options = each.flatMap(([, { tmpfs = [] }]) => tmpfs).flatMap(mount => mount.split(':')[1]?.split(',') ?? [])
    for (const option of options) expect(option).toMatch(/^(mode|size)=/)
  })

  test('the database counts as ready when it accepts connections from others, not only while it is initialised', () => {
    expect(JSON.stringify(services.postgres.healthcheck)).toContain('pg_isready --host=127.0.0.1')
  })

  test('the example names all that must be set, and nothing that is not used', () => {
    const required = [...text.matchAll(/\$\{(\w+):\?/g)].map(match => match[1])
    const used = [...text.matchAll(/\$\{(\w+)[:}]/g)].map(match => match[1])
    expect(Object.keys(example)).toEqual(expect.arrayContaining(required))
    expect(used).toEqual(expect.arrayContaining(Object.keys(example)))
  })

  test.each(['docker-compose.yml', 'docker-compose.gpu.yml'])('%s satisfies dclint', async file => {
    const { stdout } = await run(process.execPath, [
      path.join(REPOSITORY, 'node_modules/dclint/bin/dclint.cjs'),
      ...['-c', path.join(REPOSITORY, 'docker/dclint.json'), path.join(REPOSITORY, file)],
    ])
    expect(stdout).not.toMatch(/error|warning/)
  })

  test.skipIf(missing('docker-compose'))('is understood by docker-compose', async () => {
    const files = ['--env-file', 'docker/.env.example', '-f', 'docker-compose.yml']
    const { stdout } = await run('docker-compose', [...files, 'config', '--services'], { cwd: REPOSITORY })
    expect(stdout.trim().split('\n').sort()).toEqual(Object.keys(services).sort())
  })

  test.skipIf(missing('docker-compose'))(
    'keeps the worker as it is under docker-compose.gpu.yml, with an image and a card of its own',
    async () => {
      const files = ['-f', 'docker-compose.yml', '-f', 'docker-compose.gpu.yml']
      const { stdout } = await run('docker-compose', ['--env-file', 'docker/.env.example', ...files, 'config'], {
        cwd: REPOSITORY,
      })
      const { worker } = (parse(stdout) as Compose).services
      expect(worker).toMatchObject({
        image: 'obscura:cuda',
        read_only: true,
        cap_drop: ['ALL'],
        environment: { ENGINE_DEVICE: 'cuda' },
      })
      expect(Object.keys(worker.environment)).toEqual(expect.arrayContaining(Object.keys(services.worker.environment)))
      expect(worker.deploy.resources).toMatchObject({
        limits: expect.any(Object),
        reservations: { devices: [{ driver: 'nvidia' }] },
      })
      expect(read('docker/Dockerfile')).toMatch(/^FROM .* AS cuda$/m)
    },
  )
})

function fill(text: string, values: Record<string, string>): string {
  return text.replace(/\$\{(\w+)(?::[-?]([^}]*))?\}/g, (_, name, otherwise) => values[name] ?? otherwise ?? '')
}
