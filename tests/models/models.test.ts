/** `obscura models`, with a network whose output is known and a real HTTPS server. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { makeCertificates } from '@obscura/test-servers/certificates'
import sharp from 'sharp'
import { x as extract, t as list } from 'tar'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { cut, file, type Origin, startOrigin, startProxy, type Tunnel } from '../../apps/cli/src/models/test/origin.js'
import { obscura, REPOSITORY } from '../command.js'
import { tinyNet, VEHICLE, withExternalData } from './tiny-net.js'

const NET = Buffer.from(tinyNet())
const SHA256 = createHash('sha256').update(NET).digest('hex')

let folder: string
let env: Record<string, string>
let origin: Origin
let proxy: Tunnel
const at = (...names: string[]) => path.join(folder, ...names)
const models = (...args: string[]) => obscura(['models', ...args], { cwd: folder, env })

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'models-'))
  const certificates = await makeCertificates(folder)
  origin = await startOrigin(certificates, { '/tiny.onnx': cut(NET, 20_000), '/other.onnx': file(Buffer.from('another file')) })
  proxy = await startProxy()
  env = { OBSCURA_MODELS: at('own'), NODE_EXTRA_CA_CERTS: certificates.caFile }
  await mkdir(at('own'))
  await sharp({ create: { width: 128, height: 128, channels: 3, background: '#789' } })
    .jpeg()
    .toFile(at('gray.jpg'))
  await writeFile(at('tiny.onnx'), NET)
})
afterAll(async () => {
  await Promise.all([origin.close(), proxy.close()])
  await rm(folder, { recursive: true, force: true })
})

describe('a model from an address', () => {
  test('is downloaded through the proxy, over a connection that is cut, and used', async () => {
    const settings = { ...env, HTTPS_PROXY: proxy.url }
    const added = await obscura(['models', 'add', `${origin.url}/tiny.onnx`, '--sha256', SHA256], { cwd: folder, env: settings })
    expect(added.stderr).toContain('Downloading tiny.onnx')
    expect(added.stdout).toContain('It looks like YOLOX (certain)')
    expect(added).toMatchObject({ code: 0 })
    expect(proxy.tunnels.length).toBeGreaterThan(1)
    expect(origin.asked.some(({ range }) => range === 'bytes=20000-')).toBe(true)
    expect(readdirSync(at('own', 'files'))).toEqual(['tiny.onnx'])
  })

  test('takes part in detection, and is shown with where it is from', async () => {
    await mkdir(at('own', 'profiles'), { recursive: true })
    const profile = {
      name: 'cars',
      models: { tiny: { tiles: [] } },
      classes: { vehicle: { final: { whole: [1, 0], tiles: [1, 0] } } },
    }
    await writeFile(at('own', 'profiles', 'cars.json'), JSON.stringify(profile))
    const { stdout } = await obscura(['detect', 'gray.jpg', '--vehicle', '--profile', 'cars', '--jobs', '1'], {
      cwd: folder,
      env,
    })
    const { detections } = JSON.parse(stdout)
    expect(detections).toHaveLength(1)
    expect(detections[0].type_label).toBe('vehicle')
    expect(detections[0].bbox.map(Math.round)).toEqual(VEHICLE.map(fraction => fraction * 128))
    expect(detections[0].score).toBeCloseTo(0.81, 2)
    expect((await models('list')).stdout).toMatch(/^tiny +person, vehicle +standard, thorough, cars +not stated +your own$/m)
  })

  test('with another content is refused, and nothing of it is kept', async () => {
    const { code, stderr } = await models('add', `${origin.url}/other.onnx`, '--sha256', SHA256)
    expect(code).toBe(1)
    expect(stderr).toMatch(/has the SHA-256 [0-9a-f]{64} instead of .* It was removed/)
    expect(readdirSync(at('own', 'files'))).toEqual(['tiny.onnx'])
  })

  test('is not downloaded without its SHA-256, nor over http', async () => {
    expect((await models('add', `${origin.url}/tiny.onnx`)).stderr).toContain('Give the SHA-256')
    const plain = await models('add', 'http://localhost/tiny.onnx', '--sha256', SHA256)
    expect(plain.stderr).toContain('is not an https address')
  })
})

describe('a model of the catalogue', () => {
  test('is shown with licence, size and what it replaces, and its file compared on a machine without network', async () => {
    const { code, stdout, stderr } = await models('add', 'yunet-n', '--file', 'tiny.onnx')
    expect(stdout).toMatch(/licence: +Apache-2\.0\n[\s\S]*size: +0\.3 MB\n[\s\S]*replaces: +blazeface, ssd-face, ultraface/)
    expect(stderr).toMatch(/instead of 322404 bytes: it is not the expected file/)
    expect(code).toBe(1)
    expect(existsSync(at('own', 'manifests', 'yunet-n.json'))).toBe(false)
  })

  test('that is already there stays when a file with another hash is offered for it', async () => {
    expect((await models('add', 'tiny.onnx', '--name', 'kept')).code).toBe(0)
    const { file } = JSON.parse(await readFile(at('own', 'manifests', 'kept.json'), 'utf8'))
    const { code, stderr } = await models('add', 'tiny.onnx', '--name', 'kept', '--sha256', '0'.repeat(64))
    expect(stderr).toMatch(/it is not the expected file. Nothing was added/)
    expect(code).toBe(1)
    expect(await readFile(at('own', file))).toEqual(await readFile(at('tiny.onnx')))
    expect((await models('remove', 'kept')).code).toBe(0)
  })

  test('and other flags than its own are refused, as for the other sources', async () => {
    expect((await models('add', 'yunet-n', '--name', 'faces')).stderr).toContain(
      '--name has no effect for a model of the catalogue',
    )
    expect((await models('add', 'tiny.onnx', '--file', 'tiny.onnx')).stderr).toContain('--file has no effect for a file')
  })

  test('that must be fetched by hand says where', async () => {
    expect((await models('add', 'maskrcnn-12')).stderr).toMatch(/Get it from https:\/\/github.com\/onnx\/models .*--file FILE/)
  })

  test('that does not exist is not taken for a file', async () => {
    expect((await models('add', 'yolo-99')).stderr).toContain('is not a model of the catalogue, a file')
  })
})

describe('a file that cannot be used', () => {
  beforeAll(async () => {
    await writeFile(at('elsewhere.onnx'), withExternalData(NET))
    await writeFile(at('weights.data'), 'weights')
  })

  test.each([
    [
      'weights in another file',
      ['elsewhere.onnx'],
      'elsewhere.onnx cannot be loaded: its weights lie in other files: save it again',
    ],
    ['another layout', ['tiny.onnx', '--layout', 'yolov8'], 'do not fit the layout yolov8'],
    ['classes that nobody knows', ['tiny.onnx', '--classes', '2=bus'], 'classes.2: expected one of face, person,'],
  ])('is refused for %s, leaves nothing, and a model of that name stays as it is', async (_, args, message) => {
    expect((await models('add', 'tiny.onnx', '--name', 'used')).code).toBe(0)
    for (const name of ['used', 'other']) {
      const { code, stderr } = await models('add', ...args, '--name', name)
      expect(stderr).toContain(message.replace('elsewhere', name))
      expect(code).toBe(1)
    }
    expect(readdirSync(at('own', 'files')).sort()).toEqual(['tiny.onnx', 'used.onnx'])
    expect(await readFile(at('own/files/used.onnx'))).toEqual(NET)
    expect((await models('remove', 'used')).code).toBe(0)
  })

  test('is named as it was given when it is checked', async () => {
    expect((await models('check', 'elsewhere.onnx', '--image', 'gray.jpg')).stderr).toContain(
      'elsewhere.onnx cannot be loaded: its weights',
    )
  })
})

test('adding a model under the name of a built-in one says that it takes its place', async () => {
  expect((await models('add', 'tiny.onnx', '--name', 'ssdlite')).stdout).toContain('in place of the built-in model of that name')
  expect((await models('remove', 'ssdlite')).code).toBe(0)
  expect((await models('list')).stdout).toMatch(/^ssdlite .* built in$/m)
})

test("models of one's own alone are enough: doctor names the classes that they do not detect", async () => {
  const data = { OBSCURA_MODELS: at('alone'), OBSCURA_DATA: at('data'), DATABASE_URL: '', S3_ENDPOINT: '', REDIS_URL: '' }
  const run = (...args: string[]) => obscura(args, { cwd: folder, env: { ...env, ...data } })
  expect((await run('models', 'add', 'tiny.onnx', '--classes', '2=vehicle')).code).toBe(0)
  await mkdir(at('alone/profiles'))
  await writeFile(at('alone/profiles/standard.json'), JSON.stringify({ name: 'standard', models: { tiny: {} } }))
  const { code, stdout } = await obscura(['doctor'], { cwd: folder, env: { ...env, ...data, ENGINE_CHILDREN: '1' } })
  expect(stdout).toMatch(/^warn {2}settings: ENGINE_CHILDREN has no effect/m)
  expect(stdout).toMatch(/^warn {2}models: profile standard with mask, tiny .* No model detects face, person, license_plate:/m)
  expect(stdout).toMatch(/^ok {4}engine: the models load/m)
  expect(code).toBe(0)
  expect(JSON.parse((await run('detect', 'gray.jpg', '--vehicle')).stdout).detections).toHaveLength(1)
  expect((await run('detect', 'gray.jpg', '--face')).stdout).toContain('No model of the profile \\"standard\\" detects face')
})

test("the folder of the built-in models is not one for models of one's own", async () => {
  const env = { OBSCURA_MODELS: path.join(REPOSITORY, 'models') }
  for (const args of [
    ['models', 'add', 'tiny.onnx'],
    ['models', 'list'],
    ['detect', 'gray.jpg', '--vehicle'],
  ])
    expect(await obscura(args, { cwd: folder, env })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the folder of the built-in models'),
    })
})

test('a file is looked at before it is added: tensors, layout, what it finds, drawn', async () => {
  const { code, stdout } = await models('check', 'tiny.onnx', '--image', 'gray.jpg', '--out', 'drawn.jpg')
  expect(stdout).toMatch(/input +images +float32 +1 x 3 x 64 x 64/)
  expect(stdout).toContain('Layout yolox, certain')
  expect(stdout).toMatch(/Loaded in \d+ ms/)
  expect(stdout).toMatch(/vehicle +1 +0\.81/)
  expect(code).toBe(0)
  const { data, info } = await sharp(at('drawn.jpg')).raw().toBuffer({ resolveWithObject: true })
  // The left border of the box is blue.
  const [red, , blue] = data.subarray((40 * info.width + VEHICLE[0] * 128) * info.channels)
  expect(blue - red).toBeGreaterThan(80)
})

test('scores are fitted to labelled photos', async () => {
  await mkdir(at('data'), { recursive: true })
  await writeFile(at('data', 'a.jpg'), await readFile(at('gray.jpg')))
  const vehicle = { type: 'vehicle', bbox: VEHICLE.map(fraction => fraction * 128) }
  const photos = Array.from({ length: 60 }, (_, i) => ({
    ...{ image: 'a.jpg', width: 128, height: 128, source: 'made', labelled: ['vehicle'], complete: true },
    objects: i % 3 === 0 ? [vehicle] : [],
  }))
  await writeFile(at('data', 'annotations.json'), JSON.stringify(photos))
  const { code, stdout } = await models('calibrate', 'tiny', '--data', 'data')
  expect(stdout).toMatch(/^vehicle +20 +40 +/m)
  expect(stdout).toMatch(/^person +0 +0 +too few detections/m)
  expect(code).toBe(0)
  const { profiles } = JSON.parse(await readFile(at('own', 'manifests', 'tiny.json'), 'utf8'))
  const [a, b] = profiles.standard.calibration.vehicle
  // A third of what it sees with 0.81 is there.
  expect(1 / (1 + Math.exp(-(a * Math.log(0.81 / 0.19) + b)))).toBeCloseTo(1 / 3, 1)
})

test('a model of two precisions is checked, added, packed and removed with both files', async () => {
  expect(await models('check', 'plate', '--image', 'gray.jpg')).toMatchObject({ code: 0 })
  const built = path.join(REPOSITORY, 'models')
  const plate = JSON.parse(await readFile(path.join(built, 'manifests/plate.json'), 'utf8'))
  await mkdir(at('both'), { recursive: true })
  await copyFile(path.join(built, plate.file), at('both', 'float.onnx'))
  await copyFile(path.join(built, plate.int8.file), at('both', 'int8.onnx'))
  const manifest = { ...plate, name: 'both', file: 'float.onnx', int8: { ...plate.int8, file: 'int8.onnx' } }
  await writeFile(at('both', 'both.json'), JSON.stringify(manifest))
  const before = readdirSync(at('own', 'files'))
  expect(await models('add', 'both/both.json')).toMatchObject({ code: 0 })
  const files = ['files/both.onnx', 'files/both.int8.onnx']
  for (const file of files) expect(existsSync(at('own', file))).toBe(true)
  expect((await models('export', '--out', 'both.tar')).code).toBe(0)
  const packed: string[] = []
  await list({ file: at('both.tar'), onReadEntry: entry => packed.push(entry.path) })
  expect(packed).toEqual(expect.arrayContaining(files))
  expect((await models('remove', 'both')).code).toBe(0)
  expect(readdirSync(at('own', 'files'))).toEqual(before)
})

test('a file that cannot be written is said without a stack', async () => {
  await models('add', 'tiny.onnx')
  for (const args of [['export'], ['check', 'tiny', '--image', 'gray.jpg']]) {
    const { code, stderr } = await models(...args, '--out', 'missing/out')
    expect(stderr).toBe('obscura: missing/out cannot be written: no such file. Name another file with --out.\n')
    expect(code).toBe(1)
  }
})

test('a folder that cannot be written to is named, and the setting that chooses another', async () => {
  const { code, stderr } = await obscura(['models', 'add', 'tiny.onnx'], { cwd: folder, env: { OBSCURA_MODELS: at('gray.jpg') } })
  expect(stderr).toMatch(/^obscura: .*: not a directory\. .* set OBSCURA_MODELS to use another folder\.\n$/)
  expect(code).toBe(1)
})

test('what was added goes to another machine, and can be removed', async () => {
  expect((await models('export', '--out', 'models.tar')).code).toBe(0)
  await mkdir(at('elsewhere'))
  await extract({ file: at('models.tar'), cwd: at('elsewhere') })
  const there = await obscura(['models', 'list'], { env: { OBSCURA_MODELS: at('elsewhere') } })
  expect(there.stdout).toMatch(/^tiny .*cars/m)
  expect((await models('remove', 'tiny')).stderr).toContain('The profile cars names tiny')
  await rm(at('own', 'profiles'), { recursive: true })
  expect((await models('remove', 'tiny')).stdout).toBe('Removed tiny.\n')
  expect(readdirSync(at('own', 'files'))).toEqual([])
  expect((await models('remove', 'nanodet')).stderr).toContain('nanodet is built in')
})

describe('a folder of models from somebody else', () => {
  const strange = (...names: string[]) => at('strange', ...names)
  const inStrange = (...args: string[]) => obscura(['models', ...args], { cwd: folder, env: { OBSCURA_MODELS: strange() } })
  const isSame = async (file: string) => expect(await readFile(file)).toEqual(NET)
  beforeEach(async () => {
    await rm(strange(), { recursive: true, force: true })
    await mkdir(at('outside'), { recursive: true })
    await writeFile(at('outside', 'net.onnx'), NET)
    expect(await inStrange('add', 'tiny.onnx', '--name', 'net')).toMatchObject({ code: 0 })
  })

  test('whose file is a link to another folder is not packed, and takes nothing of that folder along', async () => {
    await rm(strange('files'), { recursive: true })
    await symlink('../outside', strange('files'))
    for (const command of [
      ['export', '--out', 'strange.tar'],
      ['remove', 'net'],
    ]) {
      const { code, stderr } = await inStrange(...command)
      expect(stderr).toMatch(/^obscura: .* leads out of the folder .*: copy the file into the folder\.\n$/)
      expect(code).toBe(1)
    }
    expect(existsSync(at('strange.tar'))).toBe(false)
    await isSame(at('outside', 'net.onnx'))
  })

  test('whose links stay inside is packed with what they lead to, and with nothing else that lies there', async () => {
    await rename(strange('files', 'net.onnx'), strange('net.bin'))
    await symlink('../net.bin', strange('files', 'net.onnx'))
    await symlink('/etc', strange('manifests', 'etc'))
    expect(await inStrange('export', '--out', 'strange.tar')).toMatchObject({ code: 0 })
    await mkdir(at('unpacked'))
    await extract({ file: at('strange.tar'), cwd: at('unpacked') })
    await isSame(at('unpacked', 'files', 'net.onnx'))
    expect(readdirSync(at('unpacked', 'manifests'))).toEqual(['net.json'])
  })

  test('whose file is a pipe is refused at once', async () => {
    await rm(strange('files', 'net.onnx'))
    execFileSync('mkfifo', [strange('files', 'net.onnx')])
    expect((await inStrange('export', '--out', 'strange.tar')).stderr).toContain('is not a regular file')
    expect((await inStrange('check', 'net', '--image', 'gray.jpg')).stderr).toContain('is not a regular file')
  })

  test('whose manifest names a file elsewhere is told to every command, without a stack', async () => {
    const manifest = JSON.parse(await readFile(strange('manifests', 'net.json'), 'utf8'))
    await writeFile(strange('manifests', 'net.json'), JSON.stringify({ ...manifest, file: '../outside/net.onnx' }))
    for (const command of [['list'], ['show', 'net'], ['remove', 'net'], ['export', '--out', 'strange.tar']])
      expect((await inStrange(...command)).stderr).toMatch(
        /^obscura: .*net\.json: file: expected the path .* found "\.\.\/outside\/net\.onnx"\n$/,
      )
    await isSame(at('outside', 'net.onnx'))
  })
})

test('the worked example of docs/models.md does what it says', async () => {
  const page = await readFile(path.join(REPOSITORY, 'docs/models.md'), 'utf8')
  const example = /```json manifest\n([\s\S]*?)```/.exec(page)![1]
  await writeFile(at('cars.json'), example.replace(/"sha256": "\w+"/, `"sha256": "${SHA256}"`))
  await writeFile(at('cars.onnx'), NET)
  await mkdir(at('own', 'profiles'), { recursive: true })
  await writeFile(at('own', 'profiles', 'only-cars.json'), /```json profile\n([\s\S]*?)```/.exec(page)![1])
  for (const [, line] of page.matchAll(/^obscura ((?:models add cars|models check cars|detect).*?) *(?:#.*)?$/gm)) {
    const { code, stderr } = await obscura(line.replace('street.jpg', 'gray.jpg').split(' '), { cwd: folder, env })
    expect(stderr).toBe('')
    expect(code, line).toBe(0)
  }
})
