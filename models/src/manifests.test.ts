/** The manifests that ship, against the files they describe. */
import { join } from 'node:path'
import { readManifests } from '@obscura/engine/manifest'
import { tensorsOf } from '@obscura/engine/tensors'
import { InferenceSession } from 'onnxruntime-node'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildModels } from './build.js'

const models = join(import.meta.dirname, '..')
const manifests = await readManifests(models)

beforeAll(() => buildModels())

describe.each(manifests.map(manifest => [manifest.name, manifest] as const))('%s', (_, manifest) => {
  it('names the tensors of its ONNX file', async () => {
    const session = await InferenceSession.create(join(models, manifest.file), { intraOpNumThreads: 1 })
    expect([...session.inputNames]).toEqual([manifest.input.tensor])
    expect(
      tensorsOf(manifest.decoder)
        .map(({ tensor }) => tensor)
        .sort(),
    ).toEqual([...session.outputNames].sort())
  })

  it('ships under a licence that permits its use', () => {
    expect(['MIT', 'Apache-2.0']).toContain(manifest.licence)
  })
})

it('detectors cover every class in every profile', () => {
  for (const profile of ['fast', 'standard'] as const) {
    const covered = manifests.flatMap(m => (m.task === 'detect' && m.profiles[profile] ? Object.values(m.classes) : []))
    expect(new Set(covered)).toEqual(new Set(['face', 'person', 'license_plate', 'vehicle']))
  }
})
