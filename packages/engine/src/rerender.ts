import { type EngineParameters, isPanoramaPreset, type StoredRegion } from '@obscura/contract/parameters'
import { decode } from './decode/decode.js'
import type { Output } from './engine.js'
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
  regions: readonly StoredRegion[],
  parameters: EngineParameters,
  options: FinishOptions,
  header: Header,
): Promise<Output> {
  const clock = startClock()
  const metadata = readMetadata(header)
  const { raster, pixels, warnings } = await decode(bytes, header, metadata.icc)
  clock.step('decode')
  const { format } = parameters
  const isSphere = isPanoramaPreset(format) || (format === 'whole' && isWholeSphere(metadata.xmp, raster))
  const restored = regions.map(region => restoredRegion(region, pixels))
  clock.step('restore')
  const opened = { bytes, header, metadata, pixels, isSphere, warnings }
  return { ...(await finish(opened, restored, parameters, options, clock)), device: 'cpu' }
}
