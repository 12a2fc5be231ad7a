/** Figures as they are shown. */
export interface Table {
  /** Title that distinguishes the tables of a benchmark; absent if there is only one. */
  title?: string
  head: string[]
  rows: (string | number)[][]
  /** A sentence below the table. */
  note?: string
}

/** A table in Markdown, its columns padded so that it reads well in a terminal too. */
export function markdown({ title, head, rows, note }: Table): string {
  const cells = rows.map(row => row.map(String))
  const widths = head.map((name, i) => Math.max(3, name.length, ...cells.map(row => row[i].length)))
  const line = (row: string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`
  const table = [line(head), `|${widths.map(width => '-'.repeat(width + 2)).join('|')}|`, ...cells.map(line)].join('\n')
  return [title, table, note].filter(part => part !== undefined).join('\n\n')
}
