/**
 * docker-compose.yml, the Kubernetes manifests, dashboard and alerts: that they fit each other, the
 * settings and the metrics there are.
 */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { measureQueue, metricNames, RENAMED, readConfig, VARIABLES } from '@obscura/shared'
import { missing } from '@obscura/test-servers/requirement'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'

const run = promisify(execFile)
const repository = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string) => readFileSync(path.join(repository, file), 'utf8')

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
      expect(existsSync(path.join(repository, source))).toBe(true)
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
      path.join(repository, 'node_modules/dclint/bin/dclint.cjs'),
      ...['-c', path.join(repository, 'docker/dclint.json'), path.join(repository, file)],
    ])
    expect(stdout).not.toMatch(/error|warning/)
  })

  test.skipIf(missing('docker-compose'))('is understood by docker-compose', async () => {
    const files = ['--env-file', 'docker/.env.example', '-f', 'docker-compose.yml']
    const { stdout } = await run('docker-compose', [...files, 'config', '--services'], { cwd: repository })
    expect(stdout.trim().split('\n').sort()).toEqual(Object.keys(services).sort())
  })

  test.skipIf(missing('docker-compose'))(
    'keeps the worker as it is under docker-compose.gpu.yml, with an image and a card of its own',
    async () => {
      const files = ['-f', 'docker-compose.yml', '-f', 'docker-compose.gpu.yml']
      const { stdout } = await run('docker-compose', ['--env-file', 'docker/.env.example', ...files, 'config'], {
        cwd: repository,
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

describe('the Kubernetes manifests', () => {
  interface Manifest {
    kind: string
    metadata: { name: string; namespace?: string }
    data?: Record<string, string>
    stringData?: Record<string, string>
    resources?: string[]
    spec: {
      scaleTargetRef?: { name: string }
      selector?: Record<string, unknown>
      template?: { metadata: { labels: Record<string, string> }; spec: PodSpec }
    }
  }
  interface PodSpec {
    securityContext: { runAsNonRoot: boolean }
    volumes: { name: string }[]
    containers: {
      image: string
      args: string[]
      env?: { name: string; value: string }[]
      envFrom: Record<string, { name: string }>[]
      volumeMounts: { name: string }[]
      securityContext: object
      livenessProbe?: object
      readinessProbe?: object
      resources: object
    }[]
  }
  const folder = 'deploy/kubernetes'
  const files = readdirSync(path.join(repository, folder))
  const manifests = files.flatMap(file =>
    parseAllDocuments(read(`${folder}/${file}`), { merge: true }).map(document => document.toJS() as Manifest),
  )
  const of = (kind: string) => manifests.filter(manifest => manifest.kind === kind)
  const pods = [...of('Deployment'), ...of('Job')].map(manifest => [manifest.metadata.name, manifest] as const)

  test('are all listed, but for the example of a secret', () => {
    const [{ resources }] = of('Kustomization')
    expect(files.filter(file => !['kustomization.yaml', 'secret.example.yaml'].includes(file)).sort()).toEqual(resources!.sort())
  })

  test.each(pods)('%s refers to what there is and is confined', (name, { kind, spec: { template } }) => {
    const { securityContext, volumes, containers } = template!.spec
    const [container] = containers
    const sources = container.envFrom.flatMap(source => Object.values(source).map(reference => reference.name))
    const there = [...of('ConfigMap'), ...of('Secret')].map(({ metadata }) => metadata.name)
    expect(sources.sort()).toEqual(there.filter(source => source !== 'obscura-setup' || name === 'setup').sort())
    expect(volumes.map(volume => volume.name)).toEqual(container.volumeMounts.map(mount => mount.name))
    expect(container.args).toEqual([name])
    expect(securityContext.runAsNonRoot).toBe(true)
    expect(container.securityContext).toEqual({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    })
    if (kind === 'Deployment') expect(container).toMatchObject({ livenessProbe: {}, readinessProbe: {} })
    expect(container.resources).toMatchObject({ requests: {}, limits: { memory: expect.any(String) } })
  })

  test.each(pods)(
    '%s takes settings from the ConfigMap and the secrets alone, which a value of its own would override',
    (_, { spec }) => {
      expect(spec.template!.spec.containers[0].env).toBeUndefined()
    },
  )

  test('images in progress are finished before the grace period of a worker ends', () => {
    const { template } = of('Deployment').find(({ metadata }) => metadata.name === 'worker')!.spec
    const { terminationGracePeriodSeconds } = template!.spec as unknown as { terminationGracePeriodSeconds: number }
    expect(Number(of('ConfigMap')[0].data!.DRAIN_SECONDS)).toBeLessThan(terminationGracePeriodSeconds)
  })

  test.each(['api', 'worker'])('services, budgets and autoscaling find the pods of %s', name => {
    const deployment = of('Deployment').find(({ metadata }) => metadata.name === name)!
    const { labels } = deployment.spec.template!.metadata
    expect(deployment.spec.selector).toEqual({ matchLabels: labels })
    const budget = of('PodDisruptionBudget').find(({ metadata }) => metadata.name === name)!
    expect(budget.spec.selector).toEqual({ matchLabels: labels })
    if (name === 'api') expect(of('Service')[0].spec.selector).toEqual(labels)
    else expect(of('ScaledObject')[0].spec.scaleTargetRef).toEqual({ name })
  })

  test.each(pods)('%s gets settings that exist and are valid', (name, { spec }) => {
    const own = (spec.template!.spec.containers[0].env ?? []).map(({ name, value }) => [name, value])
    const [secrets, setup] = of('Secret').map(({ stringData }) => stringData)
    const values = { ...of('ConfigMap')[0].data, ...secrets, ...(name === 'setup' && setup), ...Object.fromEntries(own) }
    expect('OBSCURA_PASSWORD' in values).toBe(name === 'setup')
    expect(Object.keys(VARIABLES)).toEqual(expect.arrayContaining(Object.keys(values)))
    expect(() => readConfig(values)).not.toThrow()
  })
})

test.each(['deploy/grafana/obscura.json', 'deploy/prometheus/alerts.yml', 'deploy/kubernetes/autoscaling.yaml'])(
  '%s asks for metrics that exist',
  file => {
    measureQueue({ query: async () => [] })
    // A histogram's series end in _bucket, _sum and _count.
    const asked = [...read(file).matchAll(/\bobscura_[a-z_]+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''))
    expect(asked.length).toBeGreaterThan(0)
    expect(metricNames()).toEqual(expect.arrayContaining(asked))
  },
)

function fill(text: string, values: Record<string, string>): string {
  return text.replace(/\$\{(\w+)(?::[-?]([^}]*))?\}/g, (_, name, otherwise) => values[name] ?? otherwise ?? '')
}
