import { CLASSES, type ObjectClass } from '@obscura/contract/parameters'
import type { InferenceSession } from 'onnxruntime-node'
import { EngineError } from '../errors.js'
import type { Pass, Profile, Stage } from '../plan/profile.js'
import {
  detectableClasses,
  type ModelFolders,
  type Part,
  type Participant,
  readInstalled,
  searchesFor,
  select,
} from './installed.js'
import { ManifestError } from './manifest.js'
import { readModel } from './model-file.js'
import type { Precision } from './precision.js'
import { openSession, type SessionOptions } from './session.js'
import { requireTensors } from './tensors.js'

export { detectableClasses } from './installed.js'

/** A detector that is ready to run. */
export interface Network extends Pick<Participant, 'manifest' | 'parts'> {
  session: InferenceSession
  /** Its input is RGBX bytes, as that of int8 models. */
  takesBytes: boolean
}

/** The loaded networks of one profile, or those of them that look for certain classes. */
export interface Networks {
  profile: Profile
  detectors: readonly Network[]
}

/** The networks of an installation, each loaded once however many profiles it takes part in. */
export interface NetworkCache {
  /**
   * Loads the detectors of a profile that look for any of the classes, by default of all classes;
   * each is loaded once.
   * @throws EngineError INTERNAL_ERROR when the profile does not exist, or a manifest or a network
   * is missing, invalid or changed
   */
  of(profile: string, classes?: readonly ObjectClass[]): Promise<Networks>
  /** Frees the networks. */
  close(): Promise<void>
}

/** Where networks run, and from which folders. */
export interface NetworkOptions extends SessionOptions, Omit<ModelFolders, 'modelsFolder'> {
  /** `int8`: int8 models where available. Default: `float`. */
  precision?: Precision
}

type LoadedModel = Pick<Network, 'session' | 'takesBytes'>

/** @param modelsFolder the folder that holds `manifests/` */
export function openNetworks(modelsFolder: string, { ownModels, ...options }: NetworkOptions): NetworkCache {
  const models = new Map<string, Promise<LoadedModel>>()
  const load = async ({ manifest, folder, parts }: Participant): Promise<Network> => {
    const key = JSON.stringify([folder, manifest])
    const loading = models.get(key) ?? loadModel({ manifest, folder }, options)
    models.set(key, loading)
    // A file that is missing now may be there later.
    loading.catch(() => models.delete(key))
    return { manifest, parts, ...(await loading) }
  }
  return {
    async of(name, classes = CLASSES) {
      try {
        const { profile, detectors } = select(await readInstalled({ modelsFolder, ownModels }), name)
        const wanted = detectors.filter(detector => searchesFor(detector, classes))
        return { profile, detectors: await Promise.all(wanted.map(load)) }
      } catch (error) {
        const what = error instanceof ManifestError ? 'A model manifest is invalid' : 'The models cannot be loaded'
        throw new EngineError('INTERNAL_ERROR', `${what}: ${(error as Error).message}`, { cause: error })
      }
    },
    async close() {
      await Promise.all([...models.values()].map(async loading => (await loading).session.release()))
    },
  }
}

async function loadModel(
  { manifest, folder }: Pick<Participant, 'manifest' | 'folder'>,
  { precision, ...options }: Omit<NetworkOptions, 'ownModels'>,
): Promise<LoadedModel> {
  const quantised = precision === 'int8' ? manifest.int8 : undefined
  const file = quantised ? { ...manifest, bytes: undefined, ...quantised } : manifest
  const session = await openSession(await readModel(file, folder), options)
  requireTensors(manifest, session)
  return { session, takesBytes: quantised !== undefined }
}

/** Which networks are loaded. */
export interface LoadOptions extends NetworkOptions {
  /** The name of a built-in profile or of one's own. */
  profile: string
}

/** The networks of one profile, to be freed with `close`. */
export interface LoadedNetworks extends Networks, Pick<NetworkCache, 'close'> {}

/**
 * Loads the detectors of one profile.
 * @throws EngineError like {@link NetworkCache.of}
 */
export async function loadNetworks(modelsFolder: string, { profile, ...options }: LoadOptions): Promise<LoadedNetworks> {
  const cache = openNetworks(modelsFolder, options)
  return { ...(await cache.of(profile)), close: cache.close }
}

/** A run over a view: network, pass, and what of its part counts. */
export interface Run extends Omit<Part, 'passes'> {
  network: Network
  pass: Pass
}

/** The runs that detect any of the classes at a stage of the profile. */
export function runsFor({ detectors }: Networks, wanted: readonly ObjectClass[], stage: Stage): Run[] {
  return detectors.flatMap(network => {
    const part = network.parts[stage]
    if (!part?.classes.some(name => wanted.includes(name))) return []
    const { passes, ...rest } = part
    return passes.map(pass => ({ network, pass, ...rest }))
  })
}

/**
 * Better no result than one in which a class is silently missed.
 * @throws EngineError PARAMETER_ERROR_FORMAT when no network of the profile detects one of the
 * classes
 */
export function requireDetectors(networks: Networks, wanted: readonly ObjectClass[]): void {
  const found = detectableClasses(networks)
  const missing = wanted.filter(name => !found.has(name))
  if (missing.length === 0) return
  throw new EngineError(
    'PARAMETER_ERROR_FORMAT',
    `No model of the profile "${networks.profile.name}" detects ${missing.join(', ')}: add one, or do not ask for ${missing.length > 1 ? 'these' : 'this'}.`,
  )
}
