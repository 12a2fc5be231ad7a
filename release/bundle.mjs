/**
 * Copies of a prepared clone what runs: compiled code, production packages, converted models. The
 * copy needs Node.js and nothing else: its ./obscura neither installs nor compiles. The image and
 * the archive for machines without a network consist of it.
 *
 * usage: node release/bundle.mjs FOLDER
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { libvipsLicences, missingLicence, runtimeNotices } from './licenses.mjs'

const { npm } = createRequire(import.meta.url)('../launcher/npm.cjs')
const ROOT = realpathSync(fileURLToPath(new URL('..', import.meta.url)))

/** The command whose dependencies are the production packages. */
const WORKSPACE = 'apps/cli'
const OWN = [
  'obscura',
  'launcher',
  'apps/web/dist',
  'package.json',
  'LICENSE',
  'NOTICE',
  'README.md',
  'CHANGELOG.md',
  'docs',
  'deploy',
]
const MODELS = ['models/manifests', 'models/weights', 'models/cache', 'models/catalogue.json']
/** Compiled code, and the migrations, which are read from beside the sources. */
const IN_WORKSPACES = /^(package\.json|dist\/.*\.js|src\/.*\.sql)$/
/** Of others' code and documents; what they show is on the web. */
const UNNEEDED = /\.(map|[cm]?ts)$|^docs\/images\//
/** ONNX Runtime brings its binaries for all platforms, ten times what one needs. */
const OTHER_RUNTIMES = new RegExp(`/onnxruntime-node/bin/napi-v6/(?!${process.platform}/${process.arch}/)`)

/** Files at or below `path` (from the root), without those of packages within. */
function filesBelow(path) {
  if (!existsSync(join(ROOT, path))) return []
  const entries = readdirSync(join(ROOT, dirname(path)), { withFileTypes: true })
  const itself = entries.find(entry => join(dirname(path), entry.name) === path)
  if (itself.isFile()) return [path]
  return readdirSync(join(ROOT, path), { withFileTypes: true })
    .filter(entry => entry.name !== 'node_modules')
    .flatMap(entry => {
      const below = join(path, entry.name)
      if (entry.isDirectory()) return filesBelow(below)
      return entry.isFile() ? [below] : []
    })
}

function runNpm(...args) {
  const [program, ...rest] = npm(...args)
  return execFileSync(program, rest, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64e6 })
}

/** Folders of the packages that the command needs, from the root; of a workspace its own. */
function productionPackages() {
  const listed = runNpm('ls', '--all', '--parseable', '--omit=dev', `--workspace=${WORKSPACE}`).trim().split('\n')
  return new Set(listed.map(path => relative(ROOT, realpathSync(path))).filter(path => path !== ''))
}

/**
 * The components in CycloneDX. npm's own choice of production packages omits those that a
 * development dependency shares, so it lists all of them, and others are removed here.
 */
function sbom(packages) {
  const known = JSON.parse(runNpm('sbom', '--sbom-format=cyclonedx'))
  const refs = new Set([known.metadata.component['bom-ref'], ...packages.map(referenceOf)])
  const components = known.components.filter(component => refs.has(component['bom-ref']))
  const dependencies = known.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter(other => refs.has(other)) }))
  return `${JSON.stringify({ ...known, components, dependencies }, null, 2)}\n`
}

function referenceOf(path) {
  const { name, version } = JSON.parse(readFileSync(join(ROOT, path, 'package.json'), 'utf8'))
  return `${name}@${version}`
}

/** @param {string} folder must not exist */
function bundle(folder) {
  if (existsSync(folder)) throw new Error(`${folder} exists: remove it or name another folder.`)
  if (!existsSync(join(ROOT, 'models/cache'))) throw new Error('This clone is not prepared: run ./obscura prepare first.')
  const packages = [...productionPackages()]
  const workspaces = packages.filter(path => !path.startsWith('node_modules'))
  const files = [
    ...[...OWN, ...MODELS].flatMap(filesBelow),
    ...workspaces.flatMap(path => filesBelow(path).filter(file => IN_WORKSPACES.test(relative(path, file)))),
    ...packages.filter(path => path.startsWith('node_modules')).flatMap(filesBelow),
  ]
  for (const file of files.filter(file => !UNNEEDED.test(file) && !OTHER_RUNTIMES.test(file))) {
    mkdirSync(join(folder, dirname(file)), { recursive: true })
    copyFileSync(join(ROOT, file), join(folder, file))
  }
  mkdirSync(join(folder, 'node_modules/@obscura'), { recursive: true })
  for (const path of workspaces) symlinkSync(join('../..', path), join(folder, 'node_modules/@obscura', path.split('/').pop()))
  writeFileSync(join(folder, 'launcher/steps.cjs'), '// Nothing is left to prepare in this copy.\nmodule.exports = []\n')
  writeFileSync(join(folder, 'sbom.cdx.json'), sbom(packages))
  mkdirSync(join(folder, 'licenses'))
  for (const path of packages.filter(path => path.startsWith('node_modules'))) {
    const licence = missingLicence(join(ROOT, path))
    if (licence) writeFileSync(join(folder, 'licenses', licence.name), licence.text)
    if (path.includes('/sharp-libvips-'))
      writeFileSync(join(folder, 'licenses/in-libvips.txt'), libvipsLicences(join(ROOT, path)))
  }
  writeFileSync(join(folder, 'licenses/in-onnxruntime.txt'), runtimeNotices(join(ROOT, 'node_modules/onnxruntime-node')))
}

if (!process.argv[2]) throw new Error('usage: node release/bundle.mjs FOLDER')
bundle(resolve(process.argv[2]))
