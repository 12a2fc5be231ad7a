/** The manifests that ship, against the files they describe. */
import { join } from 'node:path'
import { type Manifest, readManifests } from '@obscura/engine/manifest'
import { InferenceSession } from 'onnxruntime-node'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildModels } from './build.js'

const models = join(import.meta.dirname, '..')
const manifests = await readManifests(models)

/** Names of all output tensors that a decoder reads. */
function outputsOf({ decoder }: Manifest): string[] {
  switch (decoder.type) {
    case 'nanodet':
      return decoder.levels.flatMap(({ scores, distances }) => [scores, distances])
    case 'blazeface':
      return decoder.levels.flatMap(({ scores, boxes }) => [scores, boxes])
    case 'plate':
      return decoder.levels.map(({ output }) => output)
    case 'ssd':
      return [decoder.scores, decoder.boxes]
    case 'mask':
      return [decoder.output]
  }
}

beforeAll(() => buildModels())

describe.each(manifests.map(manifest => [manifest.name, manifest] as const))('%s', (_, manifest) => {
  it('names the tensors of its ONNX file', async () => {
    const session = await InferenceSession.create(join(models, manifest.file), { intraOpNumThreads: 1 })
    expect([...session.inputNames]).toEqual([manifest.input.tensor])
    expect(outputsOf(manifest).sort()).toEqual([...session.outputNames].sort())
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
