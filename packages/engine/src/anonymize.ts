import { CLASSES, canStoreRegions, type EngineParameters, isPanoramaPreset, type ObjectClass } from '@obscura/contract/parameters'
import { decode } from './decode/decode.js'
import { detect, neededClasses, searchedClasses } from './detect/detect.js'
import { modelUse } from './detect/in-use.js'
import { searchesFor } from './detect/installed.js'
import type { Networks } from './detect/networks.js'
import type { Searcher } from './detect/searcher-thread.js'
import type { Device } from './detect/session.js'
import { type Detection, isOutlined, type Region } from './detection.js'
import type { ModelUse, Output } from './engine.js'
import { EngineError } from './errors.js'
import { type FinishOptions, finish, startClock } from './finish.js'
import type { Header, Raster } from './image.js'
import { byScore, repeats } from './merge/suppress.js'
import { isWholeSphere } from './metadata/gpano.js'
import { readMetadata } from './metadata/metadata.js'
import { probe } from './probe/probe.js'
import { storedRegion } from './regions/stored.js'
import type { MaskNet } from './segment/masknet.js'
import { segment } from './segment/segment.js'

/** What an image needs of the models. */
export interface Needs {
  /** The classes whose networks may be used. */
  classes: readonly ObjectClass[]
  /** Persons and vehicles are outlined. */
  outlines: boolean
}

/** The networks, loaded. */
export interface Loaded {
  networks: Networks
  /** The device they run on. */
  device: Device
  /** Segments persons and vehicles; without it they get a plain shape. */
  maskNet?: MaskNet
}

/** What the pipeline needs in addition to the image. */
export interface Tools extends FinishOptions {
  /** Loaded while the image is decoded: at least what {@link needsOf} says. */
  loaded: Loaded | Promise<Loaded>
  /** A second thread for detection. */
  searcher?: Searcher
  /** The file for areas with the method `logo`. */
  logo?: Uint8Array
  /** The largest image accepted, in pixels (width x height). */
  maximumPixels: number
  /** Refuses damaged images instead of processing them with a warning. */
  strict?: boolean
  /**
   * With class face: searches persons too, judges faces by them, and anonymizes the heads of those
   * without a face.
   */
  heads?: boolean
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

  const { networks, device, maskNet } = await tools.loaded
  clock.step('load')

  // Includes planning the views and merging their detections.
  const wanted = {
    classes: wantedClasses(parameters),
    format: parameters.format,
    sphere: isPanoramaPreset(parameters.format) || (parameters.format === 'whole' && isWholeSphere(metadata.xmp, raster)),
    thresholds: thresholdsOf(parameters),
    heads: tools.heads,
  }
  const find = (image: Raster) => detect(image, wanted, networks, tools.searcher)
  const searched = [{ image: raster, detections: await find(raster) }]
  for (const image of further) {
    const before = searched.flatMap(({ detections }) => detections)
    searched.push({ image, detections: unseen(await find(image), before) })
  }
  clock.step('detect')

  // Ignore areas are cut out later: what is stored is the whole region.
  const options = { bbox: parameters.bbox, ignores: [], maskNet }
  const regions: Region[] = []
  for (const { image, detections } of searched)
    if (detections.length > 0) regions.push(...(await segment(image, detections, options)))
  regions.sort(byScore)
  clock.step('segment')

  const opened = { bytes, header, metadata, pixels, isSphere: wanted.sphere, logo: tools.logo, warnings }
  const output = await finish(opened, regions, parameters, tools, clock)
  const models = modelsFor(searchedClasses(wanted, networks), networks)
  return { ...output, ...encodeRegions(regions, output.warnings), device, models }
}

const TOO_MANY = 'The image has so many regions that it cannot be corrected later.'

/** The regions as they are stored: JSON. Their order gives them their IDs, as in the metadata. */
function encodeRegions(regions: readonly Region[], warnings: string[]): Pick<Output, 'regions' | 'warnings'> {
  const file = Buffer.from(JSON.stringify(regions.map(storedRegion)))
  return canStoreRegions(file) ? { regions: file, warnings } : { warnings: [...warnings, TOO_MANY] }
}

/** When a detection in a further image is one of before. */
const SAME = { iou: 0.5, inside: 0.8 }

/** The detections that are none of those before. */
function unseen(now: readonly Detection[], before: readonly Detection[]): Detection[] {
  return now.filter(found => !before.some(other => other.class === found.class && repeats(found.box, other.box, SAME)))
}

/** Which networks an image with these parameters needs. */
export function needsOf(parameters: EngineParameters, heads: boolean): Needs {
  const classes = wantedClasses(parameters)
  return { classes: neededClasses({ classes, heads }), outlines: !parameters.bbox && classes.some(isOutlined) }
}

function wantedClasses(parameters: EngineParameters): ObjectClass[] {
  return CLASSES.filter(name => parameters[name])
}

function modelsFor(classes: readonly ObjectClass[], { detectors }: Networks): ModelUse[] {
  const searching = detectors.filter(detector => searchesFor(detector, classes))
  return searching.map(({ manifest, takesBytes }) => modelUse(manifest, takesBytes ? 'int8' : 'float'))
}

function thresholdsOf(parameters: EngineParameters): Record<ObjectClass, number> {
  return {
    face: parameters.face_threshold,
    person: parameters.person_threshold,
    license_plate: parameters.license_plate_threshold,
    vehicle: parameters.vehicle_threshold,
  }
}
