/** The training programs: ten steps on made pictures, an interruption, and an ONNX file that the engine's runtime takes. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const models = join(import.meta.dirname, '..')

// Debian's PyTorch belongs to Debian's Python, which need not be the first in the PATH.
const python = ['python3', '/usr/bin/python3'].find(
  name => spawnSync(name, ['-c', 'import cv2, torch, PIL'], { stdio: 'ignore' }).status === 0,
)

function torchIsMissing(): boolean {
  if (python) return false
  const advice = 'PyTorch is not installed: apt-get install -y --no-install-recommends python3-torch python3-opencv python3-pil'
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

  test('a run of ten steps ends alike whether it was interrupted or not, and its network can be used', {
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
    // The mean that is logged begins anew; the seventh step's own loss tells whether all of the state came back.
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

  test('crops under a non-commercial licence are refused', async () => {
    const barred = join(folder, 'barred')
    await makeCrops(barred, 'CC BY-NC 2.0')
    expect(() => training('outlines', 'train', '--data', barred, '--cache', barred, '--out', join(folder, 'none'))).toThrow(
      /24 crops are under a non-commercial licence/,
    )
  })
})

/** Bright discs and blocks on dark ground, with their masks, in the form that README.md of the training describes. */
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
