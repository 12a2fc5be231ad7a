/** A folder where `obscura models` runs, with a network whose output is known. */
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import sharp from 'sharp'
import { type Ended, obscura } from '../command.js'
import { tinyNet } from './tiny-net.js'

/** The network tiny.onnx, and its SHA-256. */
export const NET = Buffer.from(tinyNet())
export const SHA256 = createHash('sha256').update(NET).digest('hex')

export interface ModelsFolder {
  /** Holds tiny.onnx, gray.jpg (128 x 128), and own: an empty folder for models. */
  folder: string
  /** The settings of the commands: models are added to the folder own. */
  env: Record<string, string>
  /** A path in the folder. */
  at(...names: string[]): string
  /** Runs any command in the folder. */
  run(...args: string[]): Promise<Ended>
  /** Runs `obscura models`. */
  models(...args: string[]): Promise<Ended>
  /** Adds tiny.onnx as the model tiny, used alone by the profile cars. */
  addCars(): Promise<void>
  remove(): Promise<void>
}

/** Makes the folder. Whoever makes it removes it. */
export async function makeModelsFolder(): Promise<ModelsFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), 'models-'))
  const at = (...names: string[]) => path.join(folder, ...names)
  const env: Record<string, string> = { OBSCURA_MODELS: at('own') }
  const run = (...args: string[]) => obscura(args, { cwd: folder, env })
  await mkdir(at('own'))
  await sharp({ create: { width: 128, height: 128, channels: 3, background: '#789' } })
    .jpeg()
    .toFile(at('gray.jpg'))
  await writeFile(at('tiny.onnx'), NET)
  return {
    ...{ folder, env, at, run },
    models: (...args) => run('models', ...args),
    async addCars() {
      const { code, stderr } = await run('models', 'add', 'tiny.onnx')
      if (code !== 0) throw new Error(stderr)
      await writeProfile(at('own', 'profiles'))
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Writes the profile cars, which only uses the model tiny, into a folder of profiles. */
export async function writeProfile(profiles: string): Promise<void> {
  await mkdir(profiles, { recursive: true })
  const profile = {
    name: 'cars',
    models: { tiny: { tiles: [] } },
    classes: { vehicle: { final: { whole: [1, 0], tiles: [1, 0] } } },
  }
  await writeFile(path.join(profiles, 'cars.json'), JSON.stringify(profile))
}
