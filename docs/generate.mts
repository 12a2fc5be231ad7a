/**
 * `npm run docs` updates the generated parts of the documents:
 * - between `<!-- settings -->` and `<!-- /settings -->` the table of settings
 * - between `<!-- xmp -->` and `<!-- /xmp -->` the XMP properties that are kept
 * - between `<!-- result NAME -->` and `<!-- /result -->` the tables of `npm run bench -- NAME
 * --save`
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { configTable } from '@obscura/shared'
import type { Result } from '../bench/src/report/result.js'
import { markdown } from '../bench/src/report/table.js'
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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const file of DOCUMENTS) {
    const path = join(ROOT, file)
    const text = readFileSync(path, 'utf8')
    if (generated(text) !== text) writeFileSync(path, generated(text))
  }
}
