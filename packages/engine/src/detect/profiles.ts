import { CLASSES, DEFAULT_PARAMETERS, type ObjectClass } from '@obscura/contract/parameters'
import { type Fusion, PROFILES, type Profile, type Stage } from '../plan/profile.js'
import { type Calibration, logit } from '../score.js'
import type { ProfileFile } from './manifest.js'

/** The API's default thresholds. */
export const DEFAULT_THRESHOLDS: Record<ObjectClass, number> = {
  face: DEFAULT_PARAMETERS.face_threshold,
  person: DEFAULT_PARAMETERS.person_threshold,
  license_plate: DEFAULT_PARAMETERS.license_plate_threshold,
  vehicle: DEFAULT_PARAMETERS.vehicle_threshold,
}

/** How much finer than the whole view tiles are, at least, where a profile does not say. */
const GAIN = 1.2

/** A profile of one's own, with what it leaves out taken from its base. */
export function profileOf({ name, base = 'standard', models, classes = {}, tilings }: ProfileFile): Profile {
  const { fusion, ...rest } = PROFILES[base]
  const merged = CLASSES.map(of => [of, fusionOf(of, fusion[of], classes[of])])
  return {
    ...rest,
    name,
    models,
    fusion: Object.fromEntries(merged),
    ...(tilings && { tilings: tilings.map(tiling => ({ gain: GAIN, ...tiling })) }),
  }
}

type OwnFusion = NonNullable<NonNullable<ProfileFile['classes']>[ObjectClass]>

/** A threshold moves the last calibration so that its score becomes the API's default threshold. */
function fusionOf(name: ObjectClass, base: Fusion, { threshold, ...own }: OwnFusion = {}): Fusion {
  const fusion = { ...base, ...own }
  const wanted = logit(DEFAULT_THRESHOLDS[name])
  const moved = ([a, b]: Calibration) => [a, b + (threshold === undefined ? 0 : wanted - logit(threshold))]
  const final: Record<Stage, Calibration> = { whole: moved(fusion.final.whole), tiles: moved(fusion.final.tiles) }
  return { ...fusion, final }
}
