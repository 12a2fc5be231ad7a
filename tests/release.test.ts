/** Releases: version, changelog and tag; the archive for machines without a network. */
import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { noNamespaces } from '@obscura/test-servers/namespaces'
import { findProgram } from '@obscura/test-servers/requirement'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FIXTURES, REPOSITORY } from './command.js'

const run = promisify(execFile)
let root: string

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'obscura-release-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

describe('npm run release', () => {
  let clone: string
  const git = async (...args: string[]) => (await run('git', args, { cwd: clone })).stdout.trim()
  const release = (...args: string[]) => run(process.execPath, ['release/release.mjs', ...args], { cwd: clone })
  const read = (file: string) => readFile(path.join(clone, file), 'utf8')

  beforeAll(async () => {
    clone = path.join(root, 'clone')
    const { stdout } = await run('git', ['ls-files', '*.json', 'CHANGELOG.md', 'docs/*.md', 'deploy', 'release'], {
      cwd: REPOSITORY,
    })
    for (const file of stdout.trim().split('\n')) {
      await mkdir(path.join(clone, path.dirname(file)), { recursive: true })
      await cp(path.join(REPOSITORY, file), path.join(clone, file))
    }
    await git('init', '--quiet')
    await git('config', 'user.name', 'Tester')
    await git('config', 'user.email', 'tester@example.com')
    await git('add', '--all')
    await git('commit', '--quiet', '--message', 'Start')
  })

  test('sets the version everywhere, dates the changelog, commits and tags', async () => {
    const before = JSON.parse(await read('package.json')).version as string
    const [major, minor] = before.split('.').map(Number)
    const version = `${major}.${minor + 1}.0`
    await release('minor')
    expect(await git('tag', '--list')).toBe(`v${version}`)
    expect(await git('status', '--porcelain')).toBe('')
    expect(await read('CHANGELOG.md')).toMatch(
      new RegExp(`^## Unreleased\\n\\n## ${version} \\(\\d{4}-\\d\\d-\\d\\d\\)\\n\\n\\S`, 'm'),
    )
    const changed = (await git('diff', '--name-only', 'HEAD~1')).split('\n')
    const contents = await Promise.all(
      (await git('ls-files', '*package.json')).split('\n').map(async file => [file, await read(file)]),
    )
    const packages = contents
      .filter(([file, text]) => !file.includes('stubs') && text.includes('"version"'))
      .map(([file]) => file)
    expect(changed).toEqual(expect.arrayContaining([...packages, 'package-lock.json', 'models/package-lock.json']))
    for (const file of packages) expect(JSON.parse(await read(file)).version).toBe(version)
    // Nothing but versions of our own has changed in the lock files.
    const lines = (await git('diff', '--unified=0', 'HEAD~1', '--', '*package-lock.json'))
      .split('\n')
      .filter(line => /^[+-] /.test(line))
    expect(new Set(lines.map(line => line.trim().replace(/\s+/g, ' ')))).toEqual(
      new Set([`- "version": "${before}",`, `+ "version": "${version}",`]),
    )
    expect(await read('deploy/kubernetes/kustomization.yaml')).toContain(`newTag: "${version}"`)
  })

  test.each([
    ['sideways', /usage: npm run release -- major\|minor\|patch/],
    ['patch', /nothing under "## Unreleased"/],
  ])('%s is refused when it means nothing, or nothing has changed', async (part, message) => {
    const commits = await git('rev-list', '--count', 'HEAD')
    await expect(release(part)).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(message) })
    expect(await git('rev-list', '--count', 'HEAD')).toBe(commits)
  })

  test('changes that are not committed are refused', async () => {
    await writeFile(path.join(clone, 'CHANGELOG.md'), '## Unreleased\n\n- More.\n')
    await expect(release('patch')).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/not committed/) })
  })
})

describe('the notices of the libraries inside of ONNX Runtime', () => {
  const noticesFor = (folder: string) =>
    run(
      process.execPath,
      [
        ...['--input-type=module', '-e'],
        `import { runtimeNotices } from './release/licenses.mjs'; console.log(runtimeNotices(${JSON.stringify(folder)}))`,
      ],
      { cwd: REPOSITORY },
    )

  test('are those for the version that is installed', async () => {
    const { stdout } = await noticesFor(path.join(REPOSITORY, 'node_modules/onnxruntime-node'))
    expect(stdout).toContain('google/flatbuffers')
  })

  test('for another version they are refused', async () => {
    const folder = path.join(root, 'another')
    await mkdir(folder)
    await writeFile(path.join(folder, 'package.json'), '{ "version": "99.0.0" }')
    await expect(noticesFor(folder)).rejects.toMatchObject({
      stderr: expect.stringContaining('onnxruntime.txt is not for onnxruntime-node 99.0.0: renew it as its first lines say.'),
    })
  })
})

describe('the archive', () => {
  let archive: string
  let folder: string

  beforeAll(async () => {
    const { stdout } = await run(process.execPath, ['release/archive.mjs', root], { cwd: REPOSITORY })
    archive = stdout.trim()
    await run('tar', ['-xzf', archive, '-C', root])
    folder = path.join(root, path.basename(archive).replace(/-\w+-\w+\.tar\.gz$/, ''))
  }, 600_000)

  test('has a name that says version and platform, and a checksum that is right', async () => {
    expect(path.basename(archive)).toMatch(
      new RegExp(`^obscura-\\d+\\.\\d+\\.\\d+-${process.platform}-${process.arch}\\.tar\\.gz$`),
    )
    const checksum = createHash('sha256')
      .update(await readFile(archive))
      .digest('hex')
    expect(await readFile(`${archive}.sha256`, 'utf8')).toBe(`${checksum}  ${path.basename(archive)}\n`)
  })

  // Without a network, and with a PATH on which there is nothing but Node.js.
  test.skipIf(noNamespaces())(
    'anonymizes a photo without a network, npm, or anything but Node.js',
    { timeout: 300_000 },
    async () => {
      const programs = path.join(root, 'programs')
      await mkdir(programs)
      await symlink(process.execPath, path.join(programs, 'node'))
      const photo = path.join(FIXTURES, 'group-portrait.jpg')
      const args = [path.join(folder, 'obscura'), 'anonymize', photo, '--out', path.join(root, 'out')]
      const alone = ['--net', ...(process.getuid?.() === 0 ? [] : ['--user', '--map-current-user'])]
      const ended = spawnSync(findProgram('unshare')!, [...alone, process.execPath, ...args], {
        env: { PATH: programs, HOME: root },
        encoding: 'utf8',
        cwd: root,
      })
      expect(ended, ended.stderr).toMatchObject({ status: 0 })
      expect(ended.stderr).not.toMatch(/Preparing/)
      expect((await readFile(path.join(root, 'out/group-portrait.jpg'))).equals(await readFile(photo))).toBe(false)
    },
  )

  test('lists its models and those of the catalogue, and shows one', async () => {
    const models = (...args: string[]) => run(process.execPath, [path.join(folder, 'obscura'), 'models', ...args], { cwd: root })
    expect((await models('list')).stdout).toMatch(/^plate +license_plate .* built in$[\s\S]*^yolox-s +person, vehicle /m)
    expect((await models('show', 'yolox-s')).stdout).toMatch(/^SHA-256: +[0-9a-f]{64}$/m)
  })

  test('brings the licences of the libraries inside of libvips and ONNX Runtime', async () => {
    const read = (name: string) => readFile(path.join(folder, 'licenses', name), 'utf8')
    const libvips = await read('in-libvips.txt')
    for (const words of [
      '| librsvg ',
      '| libheif ',
      'GNU LESSER GENERAL PUBLIC LICENSE',
      'GNU GENERAL PUBLIC LICENSE',
      'Mozilla Public License',
    ])
      expect(libvips.includes(words), words).toBe(true)
    const runtime = await read('in-onnxruntime.txt')
    for (const words of ['THIRD PARTY SOFTWARE NOTICES', 'abseil-cpp', 'google/re2', 'Mozilla Public License'])
      expect(runtime.includes(words), words).toBe(true)
  })

  test('brings a licence for each package in it, and a list of them', async () => {
    const { components } = JSON.parse(await readFile(path.join(folder, 'sbom.cdx.json'), 'utf8')) as {
      components: { name: string; group?: string; licenses?: object[] }[]
    }
    expect(components.length).toBeGreaterThan(100)
    for (const component of components) expect(component).toMatchObject({ licenses: [{}] })
    const listed = new Set(components.map(({ group, name }) => (group ? `${group}/${name}` : name)))
    const modules = path.join(folder, 'node_modules')
    const names = (await readdir(modules, { withFileTypes: true })).flatMap(entry =>
      entry.name.startsWith('@') ? [] : [entry.name],
    )
    for (const name of names) expect(listed).toContain(name)
  })
})
