import { DEFAULT_PARAMETERS, type EngineParameters } from '@obscura/contract/parameters'
import { anonymizeImage, type Tools } from '../anonymize.js'
import type { Output } from '../engine.js'
import { PROFILES } from '../plan/profile.js'

/** No class is wanted by default, so no network is needed. */
const TOOLS: Tools = {
  loaded: { networks: { profile: PROFILES.standard, detectors: [] }, device: 'cpu' },
  maximumPixels: 16384 * 8192,
}

/** The whole pipeline in this process, without networks: everything but finding something. */
export function runPipeline(
  file: Uint8Array,
  parameters: Partial<EngineParameters> = {},
  tools: Partial<Tools> = {},
): Promise<Output> {
  return anonymizeImage(file, { ...DEFAULT_PARAMETERS, ...parameters }, { ...TOOLS, ...tools })
}
