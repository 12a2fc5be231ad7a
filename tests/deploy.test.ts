/**
 * The Kubernetes manifests, dashboard and alerts: that they fit each other, the settings and the
 * metrics. kubernetes.test.ts compares the manifests to the schemas of Kubernetes.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { measureQueue, metricNames, readConfig, VARIABLES } from '@obscura/shared'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { REPOSITORY } from './command.js'

const read = (file: string) => readFileSync(path.join(REPOSITORY, file), 'utf8')

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
  const files = readdirSync(path.join(REPOSITORY, folder))
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
