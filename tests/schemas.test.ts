/** The published JSON Schemas say of a manifest what the engine says of it. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { ManifestError, parseManifest, parseProfile } from '@obscura/engine/manifest'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { partsOf, readCatalogue, signatureOf } from '../apps/cli/src/models/catalogue.js'
import { newManifest } from '../apps/cli/src/models/new-manifest.js'
import { fileOf } from '../apps/cli/src/models/own-folder.js'
import { SCHEMAS, schemaText } from '../docs/generate.mjs'
import { REPOSITORY } from './command.js'

type Json = Record<string, unknown>

const read = (file: string) => readFileSync(path.join(REPOSITORY, file), 'utf8')
const ajv = new Ajv2020({ strict: false })
const manifestFits = ajv.compile(JSON.parse(read('docs/schemas/manifest.schema.json')))
const profileFits = ajv.compile(JSON.parse(read('docs/schemas/profile.schema.json')))

/** Whether the engine accepts a document. */
function isRead(parse: (text: string, file: string) => unknown, json: Json): boolean {
  try {
    parse(JSON.stringify(json), `${json.name ?? 'nameless'}.json`)
    return true
  } catch (error) {
    if (error instanceof ManifestError) return false
    throw error
  }
}

const builtIn = readdirSync(path.join(REPOSITORY, 'models/manifests')).map(
  file => JSON.parse(read(`models/manifests/${file}`)) as Json,
)
const catalogue = readCatalogue().map(entry => {
  const { name, title, licence, origin, training, sha256, bytes, url, replaces, classes, cut } = entry
  const facts = { name, title, licence, origin, training, sha256, bytes, url, replaces, classes, cut, file: fileOf(name) }
  return newManifest(facts, signatureOf(entry), partsOf(entry)) as unknown as Json
})
const manifests = [...builtIn, ...catalogue]

/** The document with one change at every place, and what was changed. */
function* mutations(value: unknown, place: string): Generator<[place: string, changed: unknown]> {
  for (const wrong of [null, -1, 'a word', [], {}]) yield [`${place} = ${JSON.stringify(wrong)}`, wrong]
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield [`${place}.surplus`, { ...value, surplus: 1 }]
  for (const [key, inner] of Object.entries(value)) {
    const put = (changed: unknown) => (Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed })
    if (!Array.isArray(value)) yield [`${place}.${key} missing`, { ...value, [key]: undefined }]
    for (const [where, changed] of mutations(inner, `${place}.${key}`)) yield [where, put(changed)]
  }
}

test.each(Object.keys(SCHEMAS))('%s is current (npm run docs renews it)', file => {
  expect(read(file)).toBe(schemaText(SCHEMAS[file]))
})

test('every entry of the catalogue has a SHA-256, a licence, a source and a manifest', () => {
  expect(catalogue.length).toBeGreaterThan(20)
  for (const entry of readCatalogue()) {
    expect(entry.sha256, entry.name).toMatch(/^[0-9a-f]{64}$/)
    expect(entry.url?.startsWith('https://') || entry.page, entry.name).toBeTruthy()
  }
})

describe('the schema of manifests', () => {
  test.each(manifests.map(manifest => [manifest.name, manifest] as const))('accepts %s, as the engine does', (_, manifest) => {
    expect(isRead(parseManifest, manifest)).toBe(true)
    expect(manifestFits(JSON.parse(JSON.stringify(manifest))), ajv.errorsText(manifestFits.errors)).toBe(true)
  })

  test.each(builtIn.map(manifest => [manifest.name, manifest] as const))(
    'agrees with the engine on every change of %s',
    (_, manifest) => {
      const disagreements = [...mutations(manifest, '')]
        .map(([place, changed]) => [place, JSON.parse(JSON.stringify(changed ?? null)) as Json] as const)
        // That a manifest is named like its file is beyond a schema.
        .filter(([, json]) => json !== null && typeof json === 'object' && json.name === manifest.name)
        .filter(([, json]) => manifestFits(json) !== isRead(parseManifest, json))
        .map(([place]) => place)
      expect(disagreements).toEqual([])
    },
  )
})

test('the schema of profiles agrees with the engine', () => {
  const profile: Json = {
    ...{ name: 'mine', base: 'thorough', title: 'Mine', version: 1 },
    models: {
      nanodet: { classes: ['person'], passes: [{ longSide: 640, mirror: true }], tiles: [], calibration: { person: [1, 0] } },
    },
    classes: { person: { threshold: 0.3, combine: 'best', cluster: 0.5, final: { whole: [1, 0], tiles: [1, 0] }, grow: [0, 0] } },
    tilings: [{ classes: ['person'], scale: 0.5, fill: true, side: 640, overlap: 96, gain: 1.2, whole: 960 }],
  }
  expect(profileFits(profile), ajv.errorsText(profileFits.errors)).toBe(true)
  expect(isRead(parseProfile, profile)).toBe(true)
  const disagreements = [...mutations(profile, '')]
    .map(([place, changed]) => [place, JSON.parse(JSON.stringify(changed ?? null)) as Json] as const)
    .filter(([, json]) => json !== null && typeof json === 'object' && json.name === 'mine')
    .filter(([, json]) => profileFits(json) !== isRead(parseProfile, json))
  expect(disagreements.map(([place]) => place)).toEqual([])
})
