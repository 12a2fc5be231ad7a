import { CLASSES, type EngineParameters, isPanoramaPreset, type ObjectClass } from '@obscura/contract/parameters'
import { decode } from './decode/decode.js'
import { detect } from './detect/detect.js'
import type { Networks } from './detect/networks.js'
import type { Searcher } from './detect/searcher-thread.js'
import type { Device } from './detect/session.js'
import type { Detection, Region } from './detection.js'
import { encode } from './encode/encode.js'
import type { Output, ReportedDetection, Timings } from './engine.js'
import { EngineError } from './errors.js'
import type { Header, Raster } from './image.js'
import { NotLosslessError } from './lossless/coefficients.js'
import { encodeLossless } from './lossless/lossless.js'
import { paintedBlocks } from './lossless/painted.js'
import { binaryMask, instanceMask, type MaskLayout } from './masks/masks.js'
import { byScore, repeats } from './merge/suppress.js'
import { isWholeSphere } from './metadata/gpano.js'
import { readMetadata } from './metadata/metadata.js'
import { drawOverlay } from './overlay/overlay.js'
import { probe } from './probe/probe.js'
import { render } from './render/render.js'
import type { MaskNet } from './segment/masknet.js'
import { segment } from './segment/segment.js'

/** What the pipeline needs in addition to the image. */
export interface Tools {
  /** The loaded networks. */
  networks: Networks
  /** The device they run on. */
  device: Device
  /** A second thread for detection. */
  searcher?: Searcher
  /** Segments persons and vehicles; without it they get a plain shape. */
  maskNet?: MaskNet
  /** The largest image accepted, in pixels (width x height). */
  maximumPixels: number
  /** Disables the steps that make blur and pixelation irreversible. */
  reversible?: boolean
  /** Re-encodes only the painted blocks of a JPEG, where its format allows that. */
  lossless?: boolean
  /** Refuses damaged images instead of processing them with a warning. */
  strict?: boolean
  /**
   * With class face: searches persons too, judges faces by them, and anonymizes the heads of those
   * without a face.
   */
  heads?: boolean
  maskLayout?: MaskLayout
}

/** Bytes of pixels that are worth a garbage collection (about 10 ms). */
const LARGE = 32 * 1024 ** 2

/**
 * Anonymizes one encoded image (JPEG or PNG) in this process.
 * @param probed information from its header, if already known
 * @throws EngineError IMAGE_DEFECT, CONTENT_TYPE_ERROR or PARAMETER_ERROR_FORMAT when the image or
 * its format is not acceptable
 */
export async function anonymizeImage(
  bytes: Uint8Array,
  parameters: EngineParameters,
  tools: Tools,
  probed?: Header,
): Promise<Output> {
  const clock = startClock()

  const header = probed ?? probe(bytes, { maximumPixels: tools.maximumPixels, format: parameters.format })
  const metadata = readMetadata(header)
  clock.step('probe')

  const { raster, further, pixels, warnings } = await decode(bytes, header, metadata.icc)
  if (tools.strict && warnings.length > 0) {
    throw new EngineError('IMAGE_DEFECT', `${warnings.join(' ')} Damaged images are refused (ENGINE_STRICT or --strict is set).`)
  }
  // V8 sees only small handles of the decoder's copy and of the message that contained the file.
  if (raster.data.length > LARGE) globalThis.gc?.()
  clock.step('decode')

  // Includes planning the views and merging their detections.
  const wanted = {
    classes: wantedClasses(parameters),
    format: parameters.format,
    sphere: isPanoramaPreset(parameters.format) || (parameters.format === 'whole' && isWholeSphere(metadata.xmp, raster)),
    thresholds: thresholdsOf(parameters),
    heads: tools.heads,
  }
  const find = (image: Raster) => detect(image, wanted, tools.networks, tools.searcher)
  const looks = [{ image: raster, detections: await find(raster) }]
  for (const image of further) {
    const before = looks.flatMap(({ detections }) => detections)
    looks.push({ image, detections: unseen(await find(image), before) })
  }
  clock.step('detect')

  const options = { bbox: parameters.bbox, ignores: parameters.ignores, maskNet: tools.maskNet }
  const regions: Region[] = []
  for (const { image, detections } of looks)
    if (detections.length > 0) regions.push(...(await segment(image, detections, options)))
  regions.sort(byScore)
  clock.step('segment')

  const painted = paintedBlocks(pixels)
  render(pixels, regions, parameters, { reversible: tools.reversible, onPaint: painted.mark })
  if (parameters.debug) drawOverlay(pixels, regions, { score: parameters.score })
  clock.step('render')

  const reencode = () => encode(pixels, header, metadata, parameters)
  const isLossless = tools.lossless && header.format === 'jpeg' && !parameters.debug
  const kept = () => (isLossless ? encodeLossless(bytes, header, pixels, painted, metadata) : reencode())
  const written = parameters.anonymization_method === 'detect' ? {} : await firstPossible(kept, reencode)
  clock.step('encode')

  const { mask_scale: scale } = parameters
  const binary = parameters.binary_segmentation_mask ? await binaryMask(pixels, regions, scale) : undefined
  const instance = parameters.instance_segmentation_mask
    ? await instanceMask(pixels, regions, { scale, layout: tools.maskLayout })
    : undefined
  clock.step('masks')

  return {
    ...written,
    format: header.format,
    width: pixels.width,
    height: pixels.height,
    detections: regions.map(region => report(region, parameters)),
    warnings: [...warnings, ...metadata.warnings],
    binaryMask: binary,
    instanceMask: instance,
    device: tools.device,
    timings: clock.timings,
  }
}

/** When an object of a further look is one that was seen before. */
const SAME = { iou: 0.5, inside: 0.8 }

/** What of a look was not seen before. */
function unseen(now: readonly Detection[], before: readonly Detection[]): Detection[] {
  return now.filter(found => !before.some(other => other.class === found.class && repeats(found.box, other.box, SAME)))
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

function wantedClasses(parameters: EngineParameters): ObjectClass[] {
  return CLASSES.filter(name => parameters[name])
}

function thresholdsOf(parameters: EngineParameters): Record<ObjectClass, number> {
  return {
    face: parameters.face_threshold,
    person: parameters.person_threshold,
    license_plate: parameters.license_plate_threshold,
    vehicle: parameters.vehicle_threshold,
  }
}

function report(
  { class: name, score, box, mask }: Region,
  { anonymization_method: method }: EngineParameters,
): ReportedDetection {
  return { class: name, score, box, anonymised: method !== 'detect' && mask.runs.length > 0 }
}

function startClock() {
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
