import { type EngineParameters, isPanoramaPreset } from '@obscura/contract/parameters'
import { decodePixels } from './decode/decode.js'
import type { Known, Output } from './engine.js'
import { type FinishOptions, finish, startClock } from './finish.js'
import type { Header } from './image.js'
import { isWholeSphere } from './metadata/gpano.js'
import { readMetadata } from './metadata/metadata.js'
import { restoredRegion } from './regions/stored.js'

/**
 * Renders one encoded image with regions that are already known: no network is used.
 * @throws EngineError IMAGE_DEFECT or CONTENT_TYPE_ERROR when the image cannot be read
 */
export async function rerenderImage(
  bytes: Uint8Array,
  { regions, isSound }: Known,
  parameters: EngineParameters,
  options: FinishOptions,
  header: Header,
  logo?: Uint8Array,
): Promise<Output> {
  const clock = startClock()
  const metadata = readMetadata(header)
  const { pixels, warnings } = await decodePixels(bytes, header, isSound)
  clock.step('decode')
  const { format } = parameters
  const isSphere = isPanoramaPreset(format) || (format === 'whole' && isWholeSphere(metadata.xmp, pixels))
  const restored = regions.map(region => restoredRegion(region, pixels))
  clock.step('restore')
  const opened = { bytes, header, metadata, pixels, isSphere, logo, warnings }
  return { ...(await finish(opened, restored, parameters, options, clock)), device: 'cpu', models: [] }
}
