/** Writes the table of settings into the README: `npm run docs`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { configTable } from '@obscura/shared'

export const README = fileURLToPath(new URL('../README.md', import.meta.url))

/** The README with the table as the settings are now. */
export function withSettings(readme: string): string {
  return readme.replace(
    /(<!-- settings -->\n)[\s\S]*(<!-- \/settings -->)/,
    (_, begin, end) => `${begin}\n${configTable()}\n\n${end}`,
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(README, withSettings(readFileSync(README, 'utf8')))
