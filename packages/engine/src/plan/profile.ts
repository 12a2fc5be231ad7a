/**
 * The profiles as data: how often tiles look closer than the whole view, and how the passes of a
 * view become one score a class. Which networks take part, with which passes and calibrations, is
 * in their manifests. The figures of fusion were fitted on 160 photos of COCO val2017 that no
 * network had seen.
 */

import type { ObjectClass, ProfileName } from '@obscura/contract/parameters'
import type { Calibration } from '../score.js'

export type { ProfileName }

/** What is looked at: the whole image, or one tile of it. Manifests name the passes of each. */
export type Stage = 'whole' | 'tiles'

/** How the boxes of a class from several passes over one view are fused. */
export interface Fusion {
  /**
   * `mean`: best score of each pass, added up, over the number of passes run; `best`: the best
   * score counts.
   */
  combine: 'mean' | 'best'
  /** `mean`: boxes of more than this IoU belong to one object. */
  cluster: number
  /** A box is dropped that overlaps a better one by this IoU ... */
  iou: number
  /** ... or of which this fraction lies inside a better one. */
  inside: number
  /**
   * The last calibration: it puts the documented operating point at the API's default threshold.
   */
  final: Record<Stage, Calibration>
  /**
   * Shares of its width and height by which a box is enlarged on each side, so that it covers the
   * whole object.
   */
  grow: readonly [x: number, y: number]
  /** In the whole image, fused boxes get a second opinion. */
  opinion?: Opinion
}

/**
 * A network looks at the square around each fused box, where it sees the object larger than before:
 * score = sigmoid(logit(score) + weight * logit(score of the look) + bias), and the box is extended
 * to contain that of the look.
 */
export interface Opinion {
  /** A detector of the class; where it takes no part in the profile, there is no look. */
  model: string
  /** Boxes with a lower score are dropped. */
  from: number
  /** Boxes with a higher score are reported in any case: instead of a look they get a margin ... */
  ask: number
  /** ... as do those whose long side is a smaller fraction of the view's. */
  least: number
  /** The margin on each side, as a fraction of the box's width and height. */
  grow: number
  /** Boxes with a higher score stay as they are. */
  to: number
  /** Side of the square in long sides of the box. */
  window: number
  weight: number
  bias: number
  /**
   * Also in images that are searched in tiles too, where a box that the look makes surer can hide
   * those of tiles.
   */
  besideTiles: boolean
}

/** Tiles that look for the smaller objects of large images. */
export interface Tiling {
  classes: readonly ObjectClass[]
  /** Px of a network's input a px of the image. */
  scale: number
  /**
   * Tiles use a finer scale than `scale` if that takes no more tiles: for objects that benefit from
   * resolution.
   */
  fill?: boolean
  /** Long side of a tile in px of a network's input, at most. */
  side: number
  /** Overlap of neighbours in px of a network's input. */
  overlap: number
  /** Tiles are used where they are this much finer than the whole view. */
  gain: number
  /** Long side in px at which the networks see the whole image. */
  whole: number
  /**
   * How much finer each level of tiles is than the next, at most: an object too large for a tile is
   * then large enough to be detected one level up. Default: 4.
   */
  level?: number
}

/** A pass over a view: as a whole, or in overlapping tiles; manifest-schema.ts has the meanings. */
export interface Pass {
  longSide?: number
  tile?: number
  overlap?: number
  largest?: number
  enlarge?: number
  mirror?: boolean
  around?: { longSide: number; from: number; counts?: boolean }
}

/** The part of a model; what is absent is as in its manifest for the base. */
export interface Participation {
  /** Only these of its classes. */
  classes?: readonly ObjectClass[]
  /** Over the whole image. */
  passes?: readonly Pass[]
  /** Over the tiles of a large image. */
  tiles?: readonly Pass[]
  calibration?: Partial<Record<ObjectClass, Calibration>>
}

/** Which models search for what, with which passes, and how their detections are joined. */
export interface Profile {
  name: string
  /** The built-in profile whose entries in the manifests count. */
  base: ProfileName
  /** The parts of the models that take part; absent: all whose manifests name the base. */
  models?: Readonly<Record<string, Participation>>
  fusion: Record<ObjectClass, Fusion>
  /**
   * The most expensive first, so that two threads that share the work finish at about the same
   * time.
   */
  tilings: readonly Tiling[]
}

const object = { combine: 'mean', cluster: 0.55, iou: 0.6, inside: 1, grow: [0, 0] } as const
const looks = {
  person: { model: 'ssdlite', window: 2, weight: 0.25, bias: 0.58, besideTiles: false },
  vehicle: { model: 'ssdlite', window: 2, weight: 0.5, bias: 1.06, besideTiles: true },
} as const
/** Looks that decide what is reported at the default thresholds. */
const opinion = {
  person: { ...looks.person, from: 0.3, ask: 0.5, least: 0.06, grow: 0.03, to: 0.8 },
  vehicle: { ...looks.vehicle, from: 0.25, ask: 0.6, least: 0.06, grow: 0.03, to: 0.8 },
} as const
/** Looks that also make boxes fit better, and scores surer. */
const manyOpinions = {
  person: { ...looks.person, from: 0.3, ask: 0.8, least: 0, grow: 0, to: 0.8 },
  vehicle: { ...looks.vehicle, from: 0.2, ask: 0.8, least: 0, grow: 0, to: 0.8 },
} as const
const face = { combine: 'mean', cluster: 0.4, iou: 0.5, inside: 1, grow: [0.15, 0.15] } as const
const plate = { combine: 'best', cluster: 1, iou: 0.45, inside: 0.85, grow: [0.12, 0.25] } as const

/**
 * Tiles are many, and each may err: there the default threshold asks for more than in the whole
 * view.
 */
const TILES: Record<ObjectClass, Calibration> = {
  person: [1.2, 0.93],
  vehicle: [1.07, 2.08],
  face: [1.42, -0.12],
  license_plate: [1, 0],
}

/**
 * The same for thorough, whose tiles are more and are seen by more passes: set on two mosaics of
 * photos of COCO val2017 so that false detections are about as many as in standard.
 */
const MANY_TILES: typeof TILES = { person: [1.2, 0.36], vehicle: [1.07, 1.5], face: [1.42, 0.9], license_plate: [1, 0.1] }

const tiling = { gain: 1.2, overlap: 96 } as const

export const PROFILES: Record<ProfileName, Profile> = {
  standard: {
    name: 'standard',
    base: 'standard',
    fusion: {
      person: { ...object, opinion: opinion.person, final: { whole: [1.24, 1.06], tiles: TILES.person } },
      vehicle: { ...object, opinion: opinion.vehicle, final: { whole: [1.15, 1.88], tiles: TILES.vehicle } },
      face: { ...face, final: { whole: [1.42, 1.27], tiles: TILES.face } },
      license_plate: { ...plate, final: { whole: [1, 0], tiles: TILES.license_plate } },
    },
    tilings: [
      { ...tiling, classes: ['license_plate'], scale: 0.85, side: 1600, whole: 1280 },
      { ...tiling, classes: ['face'], scale: 1, side: 1280, whole: 640 },
      { ...tiling, classes: ['person', 'vehicle'], scale: 0.5, fill: true, side: 640, whole: 960 },
    ],
  },
  thorough: {
    name: 'thorough',
    base: 'thorough',
    fusion: {
      person: { ...object, opinion: manyOpinions.person, final: { whole: [1.24, 1.06], tiles: MANY_TILES.person } },
      vehicle: { ...object, opinion: manyOpinions.vehicle, final: { whole: [1.15, 1.88], tiles: MANY_TILES.vehicle } },
      face: { ...face, final: { whole: [1.42, 1.27], tiles: MANY_TILES.face } },
      license_plate: { ...plate, final: { whole: [1, 0], tiles: MANY_TILES.license_plate } },
    },
    tilings: [
      { ...tiling, classes: ['person', 'vehicle'], scale: 1, side: 640, whole: 960, level: 2 },
      { ...tiling, classes: ['face'], scale: 1, side: 1280, whole: 960 },
      { ...tiling, classes: ['license_plate'], scale: 1, side: 1600, whole: 1280, level: 2 },
    ],
  },
  fast: {
    name: 'fast',
    base: 'fast',
    fusion: {
      person: { ...object, final: { whole: [1.2, 1.33], tiles: TILES.person } },
      vehicle: { ...object, final: { whole: [1.07, 2.08], tiles: TILES.vehicle } },
      face: { ...face, final: { whole: [1.42, 1.27], tiles: TILES.face } },
      license_plate: { ...plate, final: { whole: [1, 0], tiles: TILES.license_plate } },
    },
    tilings: [
      { ...tiling, classes: ['license_plate'], scale: 0.5, side: 1600, whole: 640 },
      { ...tiling, classes: ['face'], scale: 0.5, side: 1280, whole: 640 },
      { ...tiling, classes: ['person', 'vehicle'], scale: 0.25, side: 640, whole: 640 },
    ],
  },
}
