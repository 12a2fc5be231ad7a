/**
 * The form of a profile of one's own: which models look for which class, with which passes, tiles
 * and thresholds. What it leaves out is as in its base.
 */
import { CLASSES, PROFILE_NAMES } from '@obscura/contract/parameters'
import { flag, type JsonSchema, list, number, numbers, object, oneOf, optional, positive, record, text } from './checks.js'
import { byClass, fraction, objectClass } from './decoder-schema.js'
import { calibration, modelName, pass } from './manifest-schema.js'

const classes = list(objectClass, `a list of ${CLASSES.join(', ')}`)
const passes = list(pass, 'a list of passes, e.g. [{"longSide": 640}]; empty: none', 0)
const final = numbers(2, 'two numbers a, b: score = sigmoid(a * logit(score) + b)')

/** The part of a model; a field that is absent is as in the manifest for the base. */
const participant = object({
  /** Only these of its classes. */
  classes: optional(classes),
  /** Over the whole image. */
  passes: optional(passes),
  /** Over the tiles of a large image. */
  tiles: optional(passes),
  calibration: optional(calibration),
})

/** How the boxes of a class are fused; see Fusion in plan/profile.ts. */
const fusion = object({
  /**
   * The score of the models that the API's default threshold of the class stands for: the lower,
   * the more is detected.
   */
  threshold: optional(number('a number 0.01..0.99', 0.01, 0.99)),
  combine: optional(oneOf(['mean', 'best'])),
  cluster: optional(fraction('boxes of several passes with more than this IoU are one object')),
  iou: optional(fraction('IoU with a better box from which a box is dropped')),
  inside: optional(fraction('fraction of a box in a better one from which it is dropped')),
  final: optional(object({ whole: final, tiles: final })),
  grow: optional(numbers(2, 'two fractions of width and height by which boxes are enlarged a side', fraction('a share'))),
})

/** Tiles for the smaller objects of large images; see Tiling in plan/profile.ts. */
const tiling = object({
  classes,
  scale: number('a number: px of the input of a network for each px of the image', 0.01, 4),
  fill: optional(flag('whether a finer scale is used where it takes no more tiles')),
  side: positive('long side of a tile in px of the input, at most', 4096),
  overlap: positive('overlap of neighbours in px of the input', 2048),
  gain: optional(number('a number: how much finer than the whole view tiles are, at least', 1, 100)),
  whole: positive('long side in px at which networks see the whole image', 4096),
})

export const profileForm = object({
  $schema: optional(text('the address of the JSON Schema of profiles, for editors')),
  version: optional(oneOf([1])),
  name: modelName,
  title: optional(text('a short description')),
  base: optional(oneOf(PROFILE_NAMES)),
  /** The models that take part, by name; absent: those whose manifests name the base. */
  models: optional(record(/^[a-z0-9][a-z0-9-]{0,63}$/, participant, 'the name of each model with its part')),
  classes: optional(byClass(fusion)),
  tilings: optional(list(tiling, 'a list of tilings; empty: large images are not tiled', 0)),
})

/** The JSON Schema of profiles for editors and other programs. */
export const profileJsonSchema: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Obscura profile, version 1',
  ...profileForm.schema,
}
