import { type Manifest, parseManifest } from '@obscura/engine/manifest'
import { inputFor } from './layouts/inputs.js'
import type { Parts } from './layouts/layout.js'
import type { Signature } from './layouts/signature.js'

/** What a manifest says besides how the network is built. */
export interface Facts {
  name: string
  title: string
  /** Relative to the models folder. */
  file: string
  sha256: string
  bytes?: number
  url?: string
  licence: string
  origin: string
  training: string
  /** Models that do not look for what this one finds. */
  replaces?: readonly string[]
  /** The network's classes, where they are not those of its layout. */
  classes?: Record<string, string> | string
  cut?: readonly string[]
}

/** Passes over the whole image and over tiles, for a network of free size and one of fixed size. */
const FREE = { whole: [{ longSide: 640 }, { longSide: 960 }], tiles: [{ longSide: 640 }] }
const FIXED = { whole: [{}], tiles: [{}] }

/**
 * The manifest of a network whose layout is known. It takes part in `standard` and `thorough`, and
 * its scores are not calibrated yet.
 * @throws ManifestError when the facts do not make a manifest
 */
export function newManifest({ classes, replaces, ...facts }: Facts, signature: Signature, parts: Parts): Manifest {
  const cut = facts.cut ?? parts.cut
  const input = inputFor(signature, parts.preprocessing, cut !== undefined)
  const passes = 'multiple' in input.size ? FREE : FIXED
  const own = classes ?? parts.classes
  const manifest = {
    version: 1,
    ...facts,
    ...(replaces && replaces.length > 0 && { replaces }),
    task: 'detect',
    ...(cut && { cut }),
    input: { ...input, ...(parts.further && { further: parts.further }) },
    decoder: parts.decoder,
    classes: own === 'face' ? { 0: 'face' } : own,
    ...(parts.nms && { nms: parts.nms }),
    profiles: { standard: { passes: passes.whole, calibration: {} }, tiles: { passes: passes.tiles, calibration: {} } },
  }
  return parseManifest(JSON.stringify(manifest), `${facts.name}.json`)
}
