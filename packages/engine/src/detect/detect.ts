import type { Detection } from '../detection.js'
import type { Raster } from '../image.js'
import type { Grid, ObjectClass } from '../parameters.js'

/** Which passes are run: `standard` is the default, `fast` takes about a third of the time and finds a little less. */
export type ProfileName = 'standard' | 'fast'

/** What the caller wants found. */
export interface Wanted {
  classes: readonly ObjectClass[]
  /** Where to look: `whole`, a panorama preset such as `pano:8000`, or a free grid. */
  format: string | Grid
  /** Lowest score 0..1 of a detection that is returned, by class; absent: the API's default threshold. */
  thresholds?: Partial<Record<ObjectClass, number>>
}

/** The loaded networks of one profile. Costs about 100 MB of memory; load once a process. */
export interface Nets {
  profile: ProfileName
  /** Frees the networks. */
  close(): Promise<void>
}

export interface LoadOptions {
  /** Threads of one inference. */
  threads: number
  profile: ProfileName
}

/**
 * Loads the networks that a profile needs.
 * @param modelsFolder the folder that holds `manifests/`
 * @throws EngineError INTERNAL_ERROR when a manifest or a network is missing or invalid
 */
export async function loadNets(_modelsFolder: string, options: LoadOptions): Promise<Nets> {
  return { profile: options.profile, close: async () => {} }
}

/**
 * Finds the objects of the wanted classes: one detection an object, sorted by score, boxes clipped to the image.
 * Boxes of faces and plates are grown already so that they cover the whole object: report and render them as they are.
 */
export async function detect(_raster: Raster, _wanted: Wanted, _nets: Nets): Promise<Detection[]> {
  return []
}
