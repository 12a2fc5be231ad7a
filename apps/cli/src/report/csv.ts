import { CLASSES } from '@obscura/contract'
import { printable } from '../file-names.js'
import type { ReportedImage } from './image.js'
import type { Position } from './position.js'

/**
 * A program that opens the file as a spreadsheet would run text that begins like a formula. Where
 * it separates by another character than the comma, as in many languages, a cell can also begin
 * within the text, after that character or a quotation mark. Tabs are escaped before.
 * (OWASP, CSV Injection)
 */
const BEFORE_FORMULA = /(^|[;,|"'])(?=\s*[=+\-@＝＋－＠])/g

const COLUMNS: readonly [name: string, value: (image: ReportedImage, position: Position) => string | number | undefined][] = [
  ['file', ({ file }) => file],
  ['folder', ({ folder }) => folder],
  ['result', ({ result }) => result],
  ['status', ({ status }) => status],
  ['problem', ({ problem }) => problem],
  ...CLASSES.map((name): (typeof COLUMNS)[number] => [name, ({ found }) => found && (found.counts[name] ?? 0)]),
  ['ignored', ({ found }) => found?.ignored],
  ['doubtful', ({ found }) => found?.doubtful],
  ['warnings', ({ found }) => found?.warnings.join(' ')],
  ['latitude', (_, { latitude }) => latitude],
  ['longitude', (_, { longitude }) => longitude],
  ['taken', (_, { taken }) => taken],
  ['processed', ({ found }) => found?.at],
  ['version', ({ found }) => found?.version],
  ['device', ({ found }) => found?.device],
  ['models', ({ found }) => found?.models.join(' ')],
]

/** The first line of the file; reports are recognized by it. */
export const CSV_HEAD = line(COLUMNS.map(([name]) => name))

/** The line of an image, with its end. (RFC 4180) */
export function csvLine(image: ReportedImage, position: Position): string {
  return line(COLUMNS.map(([, value]) => value(image, position)))
}

function line(values: readonly (string | number | undefined)[]): string {
  return `${values.map(field).join(',')}\r\n`
}

/** Numbers stay numbers, unknown ones empty; text is quoted and cannot become a formula. */
function field(value: string | number | undefined): string {
  if (value === undefined || value === '') return ''
  if (typeof value === 'number') return String(value)
  const text = printable(value).replace(BEFORE_FORMULA, "$1'")
  return `"${text.replaceAll('"', '""')}"`
}
