/** The report as a page: one file without scripts, links or fonts, to be read, printed, signed. */
import { CLASSES, type ObjectClass } from '@obscura/contract'
import { printable } from '../file-names.js'
import { DOUBT_MARGIN } from '../images/found.js'
import type { Crop } from './crop.js'
import { type Counts, MAX_LISTED, MAX_SHOWN, type Shown, type Totals } from './totals.js'

/** What a report says besides its totals. */
export interface Heading {
  /** What was given to the command, and where it wrote. */
  inputs: readonly string[]
  out: string
  version: string
  /** In ISO 8601. */
  at: string
  /** The run was ended before all images were processed. */
  interrupted: boolean
  /** Every option that affects the results. */
  settings: Readonly<Record<string, unknown>>
  /** Lines about files that were not taken. */
  ignored: readonly string[]
}

/** Reports are recognized by their first line. */
export const HTML_HEAD = '<!doctype html><!-- Obscura report -->\n'

const NAMES: Record<ObjectClass, string> = {
  face: 'Faces',
  person: 'Persons',
  license_plate: 'License plates',
  vehicle: 'Vehicles',
}

const STYLE = `
body { font: 14px/1.45 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2rem; break-after: avoid; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .25rem .5rem; border-bottom: 1px solid #ccc; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; } th { background: #f3f3f3; } tr { break-inside: avoid; }
.warn { border-left: 4px solid #b45309; background: #fff7ed; padding: .5rem .8rem; }
.crops { display: flex; flex-wrap: wrap; gap: .8rem; } figure { margin: 0; width: 180px; break-inside: avoid; } figcaption { font-size: 12px; }
.crop { position: relative; display: inline-block; } .crop img { display: block; max-width: 180px; } .crop i { position: absolute; outline: 1px solid #fff; box-shadow: 0 0 0 2px #c00; }
table.folders tr:last-child { font-weight: 600; }
.sign { display: grid; grid-template-columns: 1fr 1fr 1fr; gap: 2rem; margin-top: 3.5rem; break-inside: avoid; } .sign div { border-top: 1px solid #1a1a1a; padding-top: .2rem; }
@media print { body { margin: 0; max-width: none; } }`

/** All but the crops and the end: they follow in pieces. */
export function pageStart(heading: Heading, totals: Totals): string {
  const { all, folders } = totals
  return `${HTML_HEAD}<html lang="en"><head><meta charset="utf-8"><title>Anonymization report, ${text(heading.at)}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"><style>${STYLE}</style></head><body>
<h1>Anonymization report</h1>
${table([], Object.entries({ Originals: heading.inputs.join(', '), Results: heading.out, 'Made on': `${heading.at.slice(0, 16).replace('T', ' ')} UTC`, 'Made by': `Obscura ${heading.version}` }))}
${notes(heading, totals)}
<h2>Images</h2>
${table([], imageRows(all))}
<h2>Detections that were anonymized</h2>
${table(['Folder', 'Images', ...CLASSES.map(name => NAMES[name]), 'Doubtful', 'Left visible'], [...folders].map(folderRow).concat([folderRow(['All', all])]), 'folders')}
<p>Doubtful: the score is at most ${DOUBT_MARGIN} above the threshold. Left visible: found, but inside an area that the settings exclude. No detector finds everything: what was missed is in no report, so look at the results too.</p>
${problems('Failed', totals.failed, all.images.failed, 'These images have no result.')}
${problems('Warnings', totals.warned, all.warnings, 'These images are anonymized; look at their results.')}
${heading.ignored.length > 0 ? `<h2>Other files</h2>${heading.ignored.map(line => `<p>${text(line)}</p>`).join('')}` : ''}
<h2>Settings</h2>
${table(
  ['Setting', 'Value'],
  Object.entries(heading.settings).map(([name, value]) => [name, shown(value)]),
)}
<h2>Networks</h2>
${table(['Network, start of its SHA-256, device', 'Images'], [...totals.models])}
${totals.versions.size > 1 ? table(['Version of Obscura', 'Images'], [...totals.versions]) : ''}
<h2>Doubtful detections</h2>
<p>${all.doubtful} doubtful, ${totals.shown.length} shown${all.doubtful > totals.shown.length ? `: the most doubtful, at most ${MAX_SHOWN}` : ''}. The images are cut from the anonymized results.</p>
<div class="crops">
`
}

/** A doubtful detection. */
export function figure({ file, class: name, score, box }: Shown, crop: Crop | undefined): string {
  const place = crop && `left:${crop.left}%;top:${crop.top}%;width:${crop.width}%;height:${crop.height}%`
  const shownImage = crop
    ? `<span class="crop"><img alt="" src="data:image/jpeg;base64,${crop.jpeg.toString('base64')}"><i style="${place}"></i></span>`
    : '<em>The result cannot be read any more.</em>'
  return `<figure>${shownImage}<figcaption>${name.replace('_', ' ')}, score ${score.toFixed(2)}<br>${text(file)}<br>${box.join(', ')}</figcaption></figure>\n`
}

/** The end of the page: the place to sign. */
export function pageEnd(): string {
  return `</div>
<h2>Review</h2>
<p>Checked:</p><p>☐ failures&emsp;☐ warnings&emsp;☐ doubtful detections&emsp;☐ a sample of the results, ____ images</p><p>Remarks:</p>
<div class="sign"><div>Name, function</div><div>Place, date</div><div>Signature</div></div>
</body></html>
`
}

function imageRows({ images }: Counts): [string, number][] {
  const total = Object.values(images).reduce((sum, number) => sum + number, 0)
  return [
    ['Found', total],
    ['Anonymized in this run', images.anonymized],
    ['Anonymized in earlier runs with the same settings', images['anonymized earlier']],
    ['Failed', images.failed],
    ['Not processed', images['not processed']],
  ]
}

function notes({ interrupted }: Heading, { all, unrecorded }: Totals): string {
  const lines: string[] = []
  if (interrupted) lines.push('The run was interrupted. Run the same command again to process the rest.')
  if (all.images.failed > 0) lines.push(`${all.images.failed} failed: this report does not cover a complete set of results.`)
  if (all.images['not processed'] > 0) lines.push(`${all.images['not processed']} not processed yet.`)
  if (unrecorded > 0) {
    lines.push(
      `${unrecorded} anonymized by an earlier version, which did not record what it found: they count as images, not as detections. --force processes them again.`,
    )
  }
  return lines.map(line => `<p class="warn">${line}</p>`).join('\n')
}

function folderRow([folder, { images, detections, doubtful, ignored }]: [string, Counts]): (string | number)[] {
  const done = images.anonymized + images['anonymized earlier']
  return [folder === '.' ? '(not in a subfolder)' : folder, done, ...CLASSES.map(name => detections[name]), doubtful, ignored]
}

function problems(title: string, entries: { file: string; problem: string }[], total: number, about: string): string {
  if (total === 0) return ''
  const more = total > entries.length ? `<p>The first ${MAX_LISTED}; a CSV report lists all.</p>` : ''
  const rows = entries.map(({ file, problem }) => [file, problem])
  return `<h2>${title}: ${total}</h2><p>${about}</p>${table(['Image', 'Reason'], rows)}${more}`
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[], kind = ''): string {
  const cell = (tag: string) => (value: string | number, column: number) =>
    `<${tag}${column > 0 && (typeof value === 'number' || (tag === 'th' && typeof rows[0]?.[column] === 'number')) ? ' class="n"' : ''}>${text(String(value))}</${tag}>`
  const line = (values: readonly (string | number)[], tag: string) => `<tr>${values.map(cell(tag)).join('')}</tr>`
  return `<table class="${kind}">${head.length > 0 ? line(head, 'th') : ''}${rows.map(row => line(row, 'td')).join('\n')}</table>`
}

function shown(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (value === null) return 'default'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text for a page, whatever a file is called. */
function text(value: string): string {
  return printable(value).replace(/[&<>"']/g, character => ENTITIES[character])
}
