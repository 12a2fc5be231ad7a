/** Trying models before they are used: checking, calibrating, the profile of a model alone. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { obscura, REPOSITORY } from '../command.js'
import { type ModelsFolder, makeModelsFolder, NET, SHA256 } from './models-folder.js'
import { VEHICLE } from './tiny-net.js'

let made: ModelsFolder
const at = (...names: string[]) => made.at(...names)
const models = (...args: string[]) => made.models(...args)

beforeAll(async () => {
  made = await makeModelsFolder()
  await made.addCars()
})
afterAll(() => made.remove())

test("models of one's own alone are enough: doctor names the classes that they do not detect", async () => {
  const data = { OBSCURA_MODELS: at('alone'), OBSCURA_DATA: at('data'), DATABASE_URL: '', S3_ENDPOINT: '', REDIS_URL: '' }
  const run = (...args: string[]) => obscura(args, { cwd: made.folder, env: { ...made.env, ...data } })
  expect((await run('models', 'add', 'tiny.onnx', '--classes', '2=vehicle')).code).toBe(0)
  await mkdir(at('alone/profiles'))
  await writeFile(at('alone/profiles/standard.json'), JSON.stringify({ name: 'standard', models: { tiny: {} } }))
  const { code, stdout } = await obscura(['doctor'], { cwd: made.folder, env: { ...made.env, ...data, ENGINE_CHILDREN: '1' } })
  expect(stdout).toMatch(/^warn {2}settings: ENGINE_CHILDREN has no effect/m)
  expect(stdout).toMatch(/^warn {2}models: profile standard with mask, tiny .* No model detects face, person, license_plate:/m)
  expect(stdout).toMatch(/^ok {4}engine: the models load/m)
  expect(code).toBe(0)
  expect(JSON.parse((await run('detect', 'gray.jpg', '--vehicle')).stdout).detections).toHaveLength(1)
  expect((await run('detect', 'gray.jpg', '--face')).stdout).toContain('No model of the profile \\"standard\\" detects face')
})

test('a file is checked before it is added: its tensors, layout and detections, drawn', async () => {
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

test('the worked example of docs/models.md does what it says', async () => {
  const page = await readFile(path.join(REPOSITORY, 'docs/models.md'), 'utf8')
  const example = /```json manifest\n([\s\S]*?)```/.exec(page)![1]
  await writeFile(at('cars.json'), example.replace(/"sha256": "\w+"/, `"sha256": "${SHA256}"`))
  await writeFile(at('cars.onnx'), NET)
  await mkdir(at('own', 'profiles'), { recursive: true })
  await writeFile(at('own', 'profiles', 'only-cars.json'), /```json profile\n([\s\S]*?)```/.exec(page)![1])
  for (const [, line] of page.matchAll(/^obscura ((?:models add cars|models check cars|detect).*?) *(?:#.*)?$/gm)) {
    const { code, stderr } = await obscura(line.replace('street.jpg', 'gray.jpg').split(' '), { cwd: made.folder, env: made.env })
    expect(stderr).toBe('')
    expect(code, line).toBe(0)
  }
})
