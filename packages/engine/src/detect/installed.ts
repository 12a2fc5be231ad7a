/**
 * The models of an installation: the built-in ones, and those that a folder of one's own adds or
 * replaces.
 */
import { CLASSES, type ObjectClass } from '@obscura/contract/parameters'
import { type Pass, PROFILES, type Profile, type Stage } from '../plan/profile.js'
import type { Calibration } from '../score.js'
import {
  type DetectorManifest,
  type Manifest,
  ManifestError,
  readManifests,
  readProfiles,
  type SegmenterManifest,
} from './manifest.js'
import { profileOf } from './profiles.js'

/** Where models lie. */
export interface ModelFolders {
  /** The folder of the built-in models, with `manifests/`. */
  modelsFolder: string
  /**
   * A folder of one's own with `manifests/` and, if wanted, `profiles/`: each replaces a built-in
   * one of its name.
   */
  ownModels?: string
}

/** A manifest and the folder that holds its file. */
export interface Model<M extends Manifest = Manifest> {
  manifest: M
  folder: string
}

/** The models and profiles there are. */
export interface Installed {
  models: readonly Model[]
  profiles: ReadonlyMap<string, Profile>
}

/**
 * Reads the manifests and profiles of both folders; loads no network.
 * @throws ManifestError for an invalid one; RefusedFileError; an error of the file system
 */
export async function readInstalled({ modelsFolder, ownModels }: ModelFolders): Promise<Installed> {
  const models = new Map<string, Model>()
  const profiles = new Map<string, Profile>(Object.entries(PROFILES))
  for (const folder of [modelsFolder, ...(ownModels ? [ownModels] : [])]) {
    const manifests = await readManifests(folder).catch(error => {
      // A folder of one's own may have profiles alone.
      if (folder === ownModels && error.code === 'ENOENT' && error.syscall === 'scandir') return []
      throw error
    })
    for (const manifest of manifests) models.set(manifest.name, { manifest, folder })
    for (const file of await readProfiles(folder)) profiles.set(file.name, profileOf(file))
  }
  return { models: [...models.values()], profiles }
}

/** How boxes are looked at again. */
export type Closer = NonNullable<NonNullable<DetectorManifest['profiles']['standard']>['closer']>

/** What a detector does at a stage of a profile. */
export interface Part {
  classes: readonly ObjectClass[]
  passes: readonly Pass[]
  closer?: Closer
  calibration: Partial<Record<ObjectClass, Calibration>>
}

/** A detector that takes part in a profile. */
export interface Participant extends Model<DetectorManifest> {
  parts: Record<Stage, Part | undefined>
}

/** Whether a detector looks for any of the classes, in the whole image or in tiles. */
export function searchesFor({ parts }: Pick<Participant, 'parts'>, classes: readonly ObjectClass[]): boolean {
  return [parts.whole, parts.tiles].some(part => part?.classes.some(name => classes.includes(name)))
}

/** The classes that networks of a profile look for in the whole image. */
export function detectableClasses({ detectors }: { detectors: readonly Pick<Participant, 'parts'>[] }): ReadonlySet<ObjectClass> {
  return new Set(detectors.flatMap(({ parts }) => parts.whole?.classes ?? []))
}

/** The networks of a profile. */
export interface Selection {
  profile: Profile
  detectors: readonly Participant[]
  /** Outlines objects for which no detector gives a mask. */
  segmenter?: Model<SegmenterManifest>
}

/**
 * The networks that a profile uses.
 * @throws ManifestError for a profile or model that does not exist, or when no detector is left
 */
export function select({ models, profiles }: Installed, name: string): Selection {
  const profile = profiles.get(name)
  if (!profile) throw new ManifestError(`there is no profile "${name}", only ${[...profiles.keys()].join(', ')}`)
  const detectors = models.filter(isDetector)
  for (const wanted of Object.keys(profile.models ?? {})) {
    if (!detectors.some(({ manifest }) => manifest.name === wanted))
      throw new ManifestError(`the profile "${name}" names the model "${wanted}", but no detector of this name is installed`)
  }
  const all = detectors.map(model => ({
    ...model,
    parts: { whole: partOf(model.manifest, profile, 'whole'), tiles: partOf(model.manifest, profile, 'tiles') },
  }))
  // A profile that names its models has replaced what it wants to.
  const participants = (profile.models ? all : withoutReplaced(all)).filter(({ parts }) => parts.whole || parts.tiles)
  if (!participants.some(({ parts }) => parts.whole)) throw new ManifestError(`no detector takes part in the profile "${name}"`)
  return { profile, detectors: participants, segmenter: models.find(isSegmenter) }
}

/** The entries of a manifest that say what the model does: the first that there is counts. */
const ENTRIES = {
  fast: { whole: ['fast'], tiles: ['tiles'] },
  standard: { whole: ['standard'], tiles: ['tiles'] },
  thorough: { whole: ['thorough', 'standard'], tiles: ['thorough-tiles', 'tiles'] },
} as const

function partOf(manifest: DetectorManifest, { base, models }: Profile, stage: Stage): Part | undefined {
  const named = ENTRIES[base][stage].find(name => manifest.profiles[name])
  const entry = named && manifest.profiles[named]
  const own = models?.[manifest.name]
  const takesPart = models ? own : ENTRIES[base].whole.some(name => manifest.profiles[name])
  if (!takesPart) return undefined
  const ownPasses = stage === 'whole' ? own?.passes : own?.tiles
  const passes = ownPasses ?? entry?.passes ?? (own && stage === 'whole' ? [{}] : [])
  const found = new Set(Object.values(manifest.classes))
  const classes = CLASSES.filter(name => found.has(name) && (own?.classes?.includes(name) ?? true))
  // Closer looks are fitted to the passes of the manifest.
  const closer = ownPasses ? undefined : entry?.closer
  const calibration = own?.calibration ?? entry?.calibration ?? {}
  return passes.length > 0 && classes.length > 0 ? { classes, passes, closer, calibration } : undefined
}

/** Of each model what no other model replaces: at the same stage, for the same classes. */
function withoutReplaced(all: readonly Participant[]): Participant[] {
  return all.map(model => {
    const better = all.filter(other => other !== model && other.manifest.replaces?.includes(model.manifest.name))
    const remaining = (stage: Stage) => {
      const part = model.parts[stage]
      const classes = part?.classes.filter(name => !better.some(({ parts }) => parts[stage]?.classes.includes(name))) ?? []
      return part && classes.length > 0 ? { ...part, classes } : undefined
    }
    return { ...model, parts: { whole: remaining('whole'), tiles: remaining('tiles') } }
  })
}

function isDetector(model: Model): model is Model<DetectorManifest> {
  return model.manifest.task === 'detect'
}

function isSegmenter(model: Model): model is Model<SegmenterManifest> {
  return model.manifest.task === 'segment'
}
