/** A YOLOX that is published for one size looks at images as large as its passes want. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { OnnxBuilder } from '../../models/src/onnx.js'
import { obscura } from '../command.js'

const SIDE = 64
const COLUMNS = 85
const OBJECTNESS = 4
const CAR = 5 + 2

/** Takes every white cell of its coarsest level for a car of that cell's size. */
function whiteCells(): Uint8Array {
  const net = new OnnxBuilder()
  net.input('images', [1, 3, SIDE, SIDE])
  const level = (stride: number, isUsed: boolean) => {
    const weights = new Float32Array(COLUMNS * 3)
    if (isUsed) weights.fill(1 / 3 / 255, OBJECTNESS * 3, OBJECTNESS * 3 + 3)
    const constants = new Float32Array(COLUMNS)
    constants.set([0.5, 0.5])
    constants[CAR] = 1
    const cells = net.node('AveragePool', ['images'], { kernel_shape: [stride, stride], strides: [stride, stride] })
    const map = net.node('Conv', [cells, net.floats(weights, [COLUMNS, 3, 1, 1]), net.floats(constants, [COLUMNS])])
    return net.node('Reshape', [map, net.integers([1, COLUMNS, (SIDE / stride) ** 2])])
  }
  const rows = net.node('Concat', [level(8, false), level(16, false), level(32, true)], { axis: 2 })
  net.output('output', net.node('Transpose', [rows], { perm: [0, 2, 1] }))
  return net.encode()
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'free-size-'))
  await writeFile(path.join(folder, 'white.onnx'), whiteCells())
  const white = await sharp({ create: { width: 32, height: 32, channels: 3, background: '#fff' } })
    .png()
    .toBuffer()
  await sharp({ create: { width: 640, height: 480, channels: 3, background: '#000' } })
    .composite([{ input: white, left: 320, top: 160 }])
    .png()
    .toFile(path.join(folder, 'street.png'))
})
afterAll(() => rm(folder, { recursive: true }))

test('it is cut before the step that fixes its size, and sees what is small', async () => {
  const own = path.join(folder, 'own')
  const options = { cwd: folder, env: { OBSCURA_MODELS: own } }
  expect(await obscura(['models', 'add', 'white.onnx'], options)).toMatchObject({ code: 0 })
  const manifest = JSON.parse(await readFile(path.join(own, 'manifests/white.json'), 'utf8'))
  expect(manifest).toMatchObject({
    input: { size: { multiple: 32 } },
    cut: [expect.any(String), expect.any(String), expect.any(String)],
  })

  const alone = { final: { whole: [1, 0], tiles: [1, 0] } }
  const models = { white: { passes: [{ longSide: 640 }], tiles: [], calibration: {} } }
  await mkdir(path.join(own, 'profiles'))
  await writeFile(path.join(own, 'profiles/white.json'), JSON.stringify({ name: 'white', models, classes: { vehicle: alone } }))
  const found = await obscura(['detect', 'street.png', '--vehicle', '--profile', 'white', '--jobs', '1'], options)
  const { detections } = JSON.parse(found.stdout)
  expect(detections.map(({ bbox }: { bbox: number[] }) => bbox.map(Math.round))).toEqual([[320, 160, 352, 192]])
})
