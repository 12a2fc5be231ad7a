/** The licences of packages that bring none with them, and of the libraries inside of packages. */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const require = createRequire(import.meta.url)
const A_LICENCE = /^(licen[cs]e|copying)/i

/**
 * @param {string} folder of a package
 * @returns {{ name: string, text: string } | undefined} what must be added, and a file name for it;
 * undefined where the package has its licence itself. @throws when the licence is not known
 */
export function missingLicence(folder) {
  if (readdirSync(folder).some(file => A_LICENCE.test(file))) return
  const { name, version, license, author, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const licenseText = textOf(license)
  const by = author?.name ?? author ?? 'its contributors'
  const head = `${name} ${version} by ${by} (${repository?.url ?? repository}), ${license}\n\n`
  return { name: `${name.replaceAll('/', '-')}.txt`, text: head + licenseText.replace('<year> <copyright holders>', by) }
}

function textOf(license) {
  const { licenseText } = require(`spdx-license-list/licenses/${license}.json`)
  // The LGPL only adds to the GPL.
  return license === 'LGPL-3.0-or-later' ? `${licenseText}\n\n${textOf('GPL-3.0-or-later')}` : licenseText
}

/** How the table of libvips names the licences of its libraries, and their SPDX identifiers. */
const IN_LIBVIPS = {
  'BSD 2-Clause': 'BSD-2-Clause',
  'BSD 3-Clause': 'BSD-3-Clause',
  'New BSD License': 'BSD-3-Clause',
  'MIT License': 'MIT',
  'Mozilla Public License 1.1': 'MPL-1.1',
  'fontconfig License': 'HPND-sell-variant',
  'freetype License': 'FTL',
  'IJG License': 'IJG',
  'libpng License': 'libpng-2.0',
  'libtiff License': 'libtiff',
  'zlib License': 'Zlib',
  LGPLv3: 'LGPL-3.0-or-later',
}

/**
 * The libraries inside of the prebuilt libvips: the table of their licences, and the texts.
 * @param {string} folder of the package
 * @throws when a library has a licence that is not known here
 */
export function libvipsLicences(folder) {
  const table = readFileSync(join(folder, 'README.md'), 'utf8').split('## Licensing')[1]
  const rows = table.split('\n').filter(line => /^\| \w/.test(line) && !line.startsWith('| Library'))
  const used = new Set()
  for (const row of rows) {
    const found = Object.keys(IN_LIBVIPS).filter(name => row.includes(name))
    if (found.length === 0) throw new Error(`Add the licence of this library to release/licenses.mjs: ${row}`)
    for (const name of found) used.add(IN_LIBVIPS[name])
  }
  return [table.trim(), ...[...used].sort().map(license => `${license}\n\n${textOf(license)}`)].join(`\n\n${'='.repeat(80)}\n\n`)
}

/**
 * The notices of the libraries inside of ONNX Runtime, of which its package has none.
 * @param {string} folder of the package
 * @throws when our copy is for another version
 */
export function runtimeNotices(folder) {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const text = readFileSync(new URL('notices/onnxruntime.txt', import.meta.url), 'utf8')
  if (text.startsWith(`For onnxruntime-node ${version}.`)) return text
  throw new Error(`release/notices/onnxruntime.txt is not for onnxruntime-node ${version}: renew it as its first lines say.`)
}
