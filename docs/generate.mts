/**
 * `npm run docs` updates the generated parts of the documents:
 * - between `<!-- settings -->` and `<!-- /settings -->` the table of settings
 * - between `<!-- xmp -->` and `<!-- /xmp -->` the XMP properties that are kept
 * - docs/schemas: the JSON Schemas of manifests and profiles
 * - between `<!-- result NAME -->` and `<!-- /result -->` the tables of `npm run bench -- NAME
 * --save`
 * - apps/web/src/admin/measured.json: what the web page shows of them
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { configTable } from '@obscura/shared'
import type { Result } from '../bench/src/report/result.js'
import { markdown } from '../bench/src/report/table.js'
import { manifestJsonSchema, profileJsonSchema } from '../packages/engine/src/detect/manifest.js'
import { KEPT_PROPERTIES } from '../packages/engine/src/metadata/xmp-properties.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FOLDERS = ['.', 'docs', 'docs/decisions', 'bench', 'models']

/** All documents that can have generated parts: paths from the root. */
export const DOCUMENTS = FOLDERS.flatMap(folder =>
  readdirSync(join(ROOT, folder))
    .filter(name => name.endsWith('.md'))
    .map(name => join(folder, name)),
)

/** A document with its generated parts updated. A part without saved results stays unchanged. */
export function generated(document: string): string {
  return document
    .replace(/(<!-- settings -->\n)[\s\S]*?(<!-- \/settings -->)/g, (_, begin, end) => `${begin}\n${configTable()}\n\n${end}`)
    .replace(/(<!-- xmp -->\n)[\s\S]*?(<!-- \/xmp -->)/g, (_, begin, end) => `${begin}\n${propertyTable()}\n\n${end}`)
    .replace(/(<!-- result ([\w-]+) -->\n)[\s\S]*?(<!-- \/result -->)/g, (part, begin, name, end) => {
      const file = join(ROOT, 'bench/results', `${name}.json`)
      return existsSync(file) ? `${begin}\n${resultText(JSON.parse(readFileSync(file, 'utf8')))}\n\n${end}` : part
    })
}

function propertyTable(): string {
  const rows = KEPT_PROPERTIES.map(
    ({ prefix, uri, properties }) => `| ${prefix} <br> ${uri} | ${Object.keys(properties).join(', ')} |`,
  )
  return ['| namespace | properties |', '|---|---|', ...rows].join('\n')
}

function resultText({ bench, args, started, commit, machine, tables }: Result): string {
  const command = ['npm run bench --', bench, ...args].join(' ')
  const where = `${machine.cores} cores of ${machine.processor}, Node.js ${machine.node}`
  return `${tables.map(markdown).join('\n\n')}\n\n\`${command}\`, ${started.slice(0, 10)}, commit ${commit}, ${where}.`
}

/** The published JSON Schemas by their file, from the root. */
export const SCHEMAS: Record<string, unknown> = {
  'docs/schemas/manifest.schema.json': manifestJsonSchema,
  'docs/schemas/profile.schema.json': profileJsonSchema,
}

/** A schema as it is published. */
export const schemaText = (schema: unknown) => `${JSON.stringify(schema, undefined, 2)}\n`

/** Figures of `npm run bench -- accuracy` on the page "Administration": file from the root. */
export const MEASURED = 'apps/web/src/admin/measured.json'

/** Columns of the table of accuracy, by the names that the page gives them. */
const COLUMNS = {
  class: 'class',
  source: 'source',
  objects: 'objects',
  covered: 'covered %: rectangles / outlines',
  wrong: 'false a photo',
}

/** The content of {@link MEASURED}. */
export function measuredText(): string {
  const { tables, started }: Result = JSON.parse(readFileSync(join(ROOT, 'bench/results/accuracy.json'), 'utf8'))
  const [{ head, rows }] = tables
  const places = Object.entries(COLUMNS).map(([name, column]) => [name, head.indexOf(column)] as const)
  const figures = rows.map(row => Object.fromEntries(places.map(([name, place]) => [name, String(row[place])])))
  return `${JSON.stringify({ date: started.slice(0, 10), figures }, undefined, 2)}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const file of DOCUMENTS) {
    const path = join(ROOT, file)
    const text = readFileSync(path, 'utf8')
    if (generated(text) !== text) writeFileSync(path, generated(text))
  }
  writeFileSync(join(ROOT, MEASURED), measuredText())
  for (const [file, schema] of Object.entries(SCHEMAS)) writeFileSync(join(ROOT, file), schemaText(schema))
}
