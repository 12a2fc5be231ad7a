/**
 * The Kubernetes manifests: against the schemas of Kubernetes and KEDA, and the restricted policy.
 */
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1'
import { Deployment } from 'kubernetes-models/apps/v1'
import { Job } from 'kubernetes-models/batch/v1'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import { ConfigMap, Namespace, type Pod, Secret, Service } from 'kubernetes-models/v1'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { REPOSITORY } from './command.js'

type PodSpec = NonNullable<Pod['spec']>

interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string }
  spec?: { template?: { spec: PodSpec } }
}

const FOLDER = path.join(REPOSITORY, 'deploy/kubernetes')
/** Module with the types of each API version. */
const MODULES: Record<string, string> = {
  v1: 'kubernetes-models/v1',
  'apps/v1': 'kubernetes-models/apps/v1',
  'batch/v1': 'kubernetes-models/batch/v1',
  'networking.k8s.io/v1': 'kubernetes-models/networking.k8s.io/v1',
  'policy/v1': 'kubernetes-models/policy/v1',
  'keda.sh/v1alpha1': '@kubernetes-models/keda/keda.sh/v1alpha1',
}
const MODELS = [ConfigMap, Deployment, Job, Namespace, NetworkPolicy, PodDisruptionBudget, ScaledObject, Secret, Service]

const manifests = readdirSync(FOLDER)
  .filter(file => file !== 'kustomization.yaml')
  .flatMap(file => parseAllDocuments(readFileSync(path.join(FOLDER, file), 'utf8')).map(document => document.toJS() as Manifest))
/** The worker with what docs/install.md adds for models of one's own. */
const withModels = (() => {
  const section = readFileSync(path.join(REPOSITORY, 'docs/install.md'), 'utf8').split('## Models of your own')[1]
  const more = parse(section.split('```yaml\ninitContainers:')[1].split('```')[0].replace(/^/, 'initContainers:')) as PodSpec
  const worker = structuredClone(manifests.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'worker')!)
  const pod = worker.spec!.template!.spec
  const [own, added] = [pod.containers[0], more.containers[0]]
  own.env = [...(own.env ?? []), ...added.env!]
  own.volumeMounts = [...own.volumeMounts!, ...added.volumeMounts!]
  Object.assign(pod, { volumes: [...pod.volumes!, ...more.volumes!], initContainers: more.initContainers })
  worker.metadata.name = 'worker with models'
  return worker
})()
manifests.push(withModels)
const named = manifests.map(manifest => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const)

describe('Kubernetes manifests', () => {
  test.each(named)('%s has values that its schema allows', (_, manifest) => {
    const Model = MODELS.find(({ name }) => name === manifest.kind)! as new (
      data: object,
    ) => { apiVersion: string; validate(): void }
    const object = new Model(manifest)
    expect(object.apiVersion).toBe(manifest.apiVersion)
    object.validate()
  })

  test('a value that the schema does not allow is detected', () => {
    const wrong = structuredClone(manifests.find(({ kind }) => kind === 'Deployment')!) as unknown as {
      spec: { replicas: unknown }
    }
    wrong.spec.replicas = 'two'
    expect(() => new Deployment(wrong as never).validate()).toThrow(/replicas/)
  })

  // Schemas allow unknown fields, which the API server drops in silence; types do not.
  test('all fields exist', async () => {
    expect(await compile(manifests)).toBe('')
    const misspelt = JSON.parse(JSON.stringify(manifests).replace('readOnlyRootFilesystem', 'readOnlyRootFileSystem'))
    expect(await compile(misspelt)).toMatch(/readOnlyRootFileSystem.*does not exist/)
  })

  const pods = named.flatMap(([name, { spec }]) => (spec?.template ? [[name, spec.template.spec] as const] : []))

  test.each(pods)('%s complies with the restricted pod security standard', (_, pod) => {
    expect(Object.keys(pod)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^host(Network|PID|IPC|Users)$/)]))
    expect(pod.securityContext).toEqual({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
    for (const volume of pod.volumes ?? []) {
      const [kind] = Object.keys(volume).filter(key => key !== 'name')
      expect([
        'configMap',
        'csi',
        'downwardAPI',
        'emptyDir',
        'ephemeral',
        'persistentVolumeClaim',
        'projected',
        'secret',
      ]).toContain(kind)
    }
    for (const container of [...(pod.containers ?? []), ...(pod.initContainers ?? [])]) {
      const { runAsUser, ...context } = container.securityContext!
      expect(runAsUser).not.toBe(0)
      expect(context).toEqual({
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      })
      for (const port of container.ports ?? []) expect(port).not.toHaveProperty('hostPort')
    }
  })
})

/** Compiles manifests as objects of their types. @returns the complaints */
async function compile(objects: readonly Manifest[]): Promise<string> {
  // Below the repository, so that packages are found.
  const folder = await mkdtemp(path.join(REPOSITORY, 'node_modules', '.manifests-'))
  const lines = objects.map(({ apiVersion, kind, ...rest }, n) => {
    const type = `import('${MODULES[apiVersion]}').I${kind}`
    return `export const object${n}: ${type} = ${JSON.stringify({ apiVersion, kind, ...rest })}`
  })
  await writeFile(path.join(folder, 'manifests.ts'), lines.join('\n'))
  const options = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--types',
    'node',
  ]
  const tsc = path.join(REPOSITORY, 'node_modules/typescript/bin/tsc')
  return promisify(execFile)(process.execPath, [tsc, ...options, path.join(folder, 'manifests.ts')], { cwd: folder })
    .then(
      () => '',
      error => `${error.stdout}`,
    )
    .finally(() => rm(folder, { recursive: true }))
}
