import { CLASSES, type ObjectClass } from '@obscura/contract/parameters'
import type { InferenceSession } from 'onnxruntime-node'
import { EngineError } from '../errors.js'
import type { ProfileName, Stage } from '../plan/profile.js'
import type { Calibration } from '../score.js'
import { type DetectorManifest, ManifestError, readManifests } from './manifest.js'
import { checkedModel } from './model-file.js'
import type { Precision } from './precision.js'
import { openSession, type SessionOptions } from './session.js'

/** A detector that is ready to run. */
export interface Network {
  manifest: DetectorManifest
  session: InferenceSession
  /** Its input is RGBX bytes, as that of models of whole numbers. */
  takesBytes: boolean
}

/** The loaded networks of one profile. Load them once per process. */
export interface Networks {
  profile: ProfileName
  detectors: readonly Network[]
  /** Frees the networks. */
  close(): Promise<void>
}

interface NetworkOptions extends SessionOptions {
  /** `int8`: models of whole numbers where there are some. Default: `float`. */
  precision?: Precision
}

export interface LoadOptions extends NetworkOptions {
  profile: ProfileName
}

/**
 * Loads the detectors that take part in a profile.
 * @param modelsFolder the folder that holds `manifests/`
 * @throws EngineError INTERNAL_ERROR when a manifest or a network is missing, invalid or changed
 */
export async function loadNetworks(modelsFolder: string, { profile, ...options }: LoadOptions): Promise<Networks> {
  try {
    const manifests = (await readManifests(modelsFolder)).filter(manifest => manifest.task === 'detect')
    const wanted = manifests.filter(({ profiles }) => profiles[profile] || profiles.tiles)
    const missing = CLASSES.filter(name => !wanted.some(manifest => manifest.profiles[profile] && detectsClass(manifest, name)))
    // Better no result than one in which a class is silently missed.
    if (missing.length > 0) throw new Error(`no model of the profile "${profile}" detects ${missing.join(', ')}`)
    const detectors = await Promise.all(wanted.map(manifest => load(manifest, modelsFolder, options)))
    return {
      profile,
      detectors,
      close: async () => {
        await Promise.all(detectors.map(({ session }) => session.release()))
      },
    }
  } catch (error) {
    const what = error instanceof ManifestError ? 'A model manifest is invalid' : 'The models cannot be loaded'
    throw new EngineError('INTERNAL_ERROR', `${what}: ${(error as Error).message}`, { cause: error })
  }
}

async function load(manifest: DetectorManifest, folder: string, { precision, ...options }: NetworkOptions): Promise<Network> {
  const quantised = precision === 'int8' ? manifest.int8 : undefined
  const session = await openSession(await checkedModel(quantised ?? manifest, folder), options)
  return { manifest, session, takesBytes: quantised !== undefined }
}

export type Pass = NonNullable<DetectorManifest['profiles']['standard']>['passes'][number]

/** How boxes are looked at again. */
export type Closer = NonNullable<NonNullable<DetectorManifest['profiles']['standard']>['closer']>

/** A run over a view: network, pass, closer looks and calibration. */
export interface Run {
  network: Network
  pass: Pass
  closer?: Closer
  calibration: Partial<Record<ObjectClass, Calibration>>
}

/** The runs that detect any of the classes at a stage of the profile. */
export function runsFor({ detectors, profile }: Networks, classes: readonly ObjectClass[], stage: Stage): Run[] {
  return detectors.flatMap(network => {
    const part = network.manifest.profiles[stage === 'whole' ? profile : 'tiles']
    if (!part || !classes.some(name => detectsClass(network.manifest, name))) return []
    return part.passes.map(pass => ({ network, pass, closer: part.closer, calibration: part.calibration }))
  })
}

/** Whether a detector supports the class. */
export function detectsClass({ classes }: DetectorManifest, name: ObjectClass): boolean {
  return Object.values(classes).includes(name)
}
