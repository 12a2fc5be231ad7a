/** The second half of the pipeline: from regions to files. It needs no network. */
import { CLASSES, type EngineParameters, type ObjectClass } from '@obscura/contract/parameters'
import type { Region } from './detection.js'
import { encode } from './encode/encode.js'
import { encodePreview } from './encode/preview.js'
import type { Output, ReportedDetection, Timings } from './engine.js'
import type { Header, Pixels } from './image.js'
import { NotLosslessError } from './lossless/coefficients.js'
import { encodeLossless } from './lossless/lossless.js'
import { paintedBlocks } from './lossless/painted.js'
import { binaryMask, instanceMask, type MaskLayout } from './masks/masks.js'
import type { Metadata } from './metadata/metadata.js'
import { drawOverlay } from './overlay/overlay.js'
import { areaRegions, isAtPole, NOT_A_PANORAMA } from './regions/areas.js'
import { drawLogos } from './regions/logo.js'
import { render } from './render/render.js'
import { withoutAreas } from './segment/runs.js'

/** How the files are made, whatever the task's parameters. */
export interface FinishOptions {
  /** Disables the steps that make blur and pixelation irreversible. */
  reversible?: boolean
  /** Re-encodes only the painted blocks of a JPEG, where its format allows that. */
  lossless?: boolean
  maskLayout?: MaskLayout
  /** Makes a preview of each anonymized image as well. */
  preview?: boolean
}

/** A decoded image and what is known of its file. */
export interface Opened {
  bytes: Uint8Array
  header: Header
  metadata: Metadata
  pixels: Pixels
  /** Whether it is a panorama of the whole sphere. */
  isSphere: boolean
  /** The file for areas with the method `logo`. */
  logo?: Uint8Array
  warnings: readonly string[]
}

export type Clock = ReturnType<typeof startClock>

/** Renders the regions and the areas of the parameters, and encodes image and masks. */
export async function finish(
  opened: Opened,
  detected: readonly Region[],
  parameters: EngineParameters,
  options: FinishOptions,
  clock: Clock,
): Promise<Omit<Output, 'device' | 'regions' | 'models'>> {
  const { bytes, header, metadata, pixels, isSphere } = opened
  const { areas, ignores, mask_scale: scale } = parameters
  const regions = [...detected, ...areaRegions(areas, pixels, isSphere)].map(region =>
    region.always ? region : { ...region, mask: withoutAreas(region.mask, ignores, pixels) },
  )
  const painted = paintedBlocks(pixels)
  render(pixels, regions, parameters, { reversible: options.reversible, onPaint: painted.mark })
  const isPainted = parameters.anonymization_method !== 'detect'
  const isGray = header.colour === 'gray'
  const aboutLogo = isPainted ? await drawLogos(pixels, areas, opened.logo, { isSphere, isGray }) : []
  if (parameters.debug) drawOverlay(pixels, regions, { score: parameters.score })
  clock.step('render')

  const reencode = () => encode(pixels, header, metadata, parameters)
  const isLossless = options.lossless && header.format === 'jpeg' && !parameters.debug
  const kept = () => (isLossless ? encodeLossless(bytes, header, pixels, painted, metadata) : reencode())
  const written: Pick<Output, 'image' | 'reencodeReason'> = isPainted ? await firstPossible(kept, reencode) : {}
  clock.step('encode')

  const preview = options.preview && written.image ? await encodePreview(pixels, header, metadata) : undefined
  if (preview) clock.step('preview')

  const binary = parameters.binary_segmentation_mask ? await binaryMask(pixels, regions, scale) : undefined
  const instance = parameters.instance_segmentation_mask
    ? await instanceMask(pixels, regions, { scale, layout: options.maskLayout })
    : undefined
  clock.step('masks')

  const noPoles = !isSphere && areas.some(isAtPole) ? [NOT_A_PANORAMA] : []
  return {
    ...written,
    preview,
    format: header.format,
    width: pixels.width,
    height: pixels.height,
    detections: regions.flatMap(region => (isObject(region) ? report(region, parameters) : [])),
    warnings: [...opened.warnings, ...metadata.warnings, ...noPoles, ...aboutLogo],
    binaryMask: binary,
    instanceMask: instance,
    timings: clock.timings,
  }
}

/** Encodes losslessly, or fully where that is not possible. */
async function firstPossible(
  kept: () => Promise<Uint8Array>,
  reencode: () => Promise<Uint8Array>,
): Promise<Pick<Output, 'image' | 'reencodeReason'>> {
  try {
    return { image: await kept() }
  } catch (error) {
    if (error instanceof NotLosslessError) return { image: await reencode(), reencodeReason: error.message }
    throw error
  }
}

type ObjectRegion = Region & { class: ObjectClass }

/** Areas are not detections. */
function isObject(region: Region): region is ObjectRegion {
  return (CLASSES as readonly string[]).includes(region.class)
}

function report({ id, class: name, score, box, mask }: ObjectRegion, parameters: EngineParameters): ReportedDetection {
  const anonymised = parameters.anonymization_method !== 'detect' && mask.runs.length > 0
  return { ...(id !== undefined && { id }), class: name, score, box, anonymised }
}

/** Measures the steps of one image. */
export function startClock() {
  const timings: Timings = {}
  let last = performance.now()
  return {
    timings,
    /** Records the time since the previous step under a name. */
    step(name: string): void {
      const now = performance.now()
      timings[name] = now - last
      last = now
    },
  }
}
