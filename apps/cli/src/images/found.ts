/** What the journal keeps of an image for reports: counts and numbers, never pixels. */
import { CLASSES, type EngineParameters, type ObjectClass } from '@obscura/contract'
import type { Box, Output } from '@obscura/engine'
import { VERSION } from '../version.js'

/** A detection is doubtful whose score is at most so much above the threshold of its class. */
export const DOUBT_MARGIN = 0.1

/** The most doubtful detections of one image that are kept; the others are only counted. */
const MAX_DOUBTFUL = 20

/** First digits of a model's SHA-256: enough to recognize its file. */
const DIGEST_DIGITS = 12

/** A doubtful detection that was anonymized. */
export interface Doubtful {
  class: ObjectClass
  score: number
  /** How far its score is above the threshold of its class. */
  margin: number
  /** In whole pixels of the upright image. */
  box: Box
}

/** What was found in one image, and by what. */
export interface Found {
  /** Number of anonymized detections, by class. */
  counts: Partial<Record<ObjectClass, number>>
  /** Detections that were left visible, because an ignore area covers them. */
  ignored: number
  /** Number of doubtful detections, and the most doubtful of them. */
  doubtful: number
  mostDoubtful: Doubtful[]
  warnings: string[]
  /** Name and first digits of the SHA-256 of each network that looked: `name@0123456789ab`. */
  models: string[]
  device: string
  /** Version of Obscura, and when it processed the image, in ISO 8601. */
  version: string
  at: string
}

/** Sums up the result of an image. */
export function foundIn({ detections, warnings, models, device }: Output, parameters: EngineParameters): Found {
  const counts: Found['counts'] = {}
  const doubtful: Doubtful[] = []
  for (const { class: name, score, box, anonymised } of detections) {
    if (!anonymised) continue
    counts[name] = (counts[name] ?? 0) + 1
    const margin = score - parameters[`${name}_threshold`]
    if (margin <= DOUBT_MARGIN) doubtful.push({ class: name, score: round(score), margin: round(margin), box: whole(box) })
  }
  doubtful.sort((a, b) => a.margin - b.margin)
  return {
    counts,
    ignored: detections.filter(({ anonymised }) => !anonymised).length,
    doubtful: doubtful.length,
    mostDoubtful: doubtful.slice(0, MAX_DOUBTFUL),
    warnings,
    models: models.map(({ name, sha256 }) => `${name}@${sha256.slice(0, DIGEST_DIGITS)}`),
    device,
    version: VERSION,
    at: new Date().toISOString(),
  }
}

/**
 * What a line of the journal says; undefined where an earlier version wrote it, or somebody
 * changed it.
 */
export function readFound(value: unknown): Found | undefined {
  const found = value as Found | undefined
  const isWhole =
    typeof found?.counts === 'object' &&
    CLASSES.every(name => Number.isSafeInteger(found.counts[name] ?? 0)) &&
    [found.ignored, found.doubtful].every(Number.isSafeInteger) &&
    Array.isArray(found.mostDoubtful) &&
    found.mostDoubtful.every(isDoubtful) &&
    [found.warnings, found.models].every(isTexts) &&
    isTexts([found.device, found.version, found.at])
  return isWhole ? found : undefined
}

function isDoubtful(one: Doubtful): boolean {
  return (
    CLASSES.includes(one?.class) &&
    Array.isArray(one.box) &&
    one.box.length === 4 &&
    [one.score, one.margin, ...one.box].every(Number.isFinite)
  )
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(text => typeof text === 'string')
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}

function whole([x1, y1, x2, y2]: Box): Box {
  return [Math.floor(x1), Math.floor(y1), Math.ceil(x2), Math.ceil(y2)]
}
