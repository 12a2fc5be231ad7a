import { EngineError } from '../errors.js'
import { jpegSegments, START_OF_SCAN } from '../formats/jpeg.js'
import type { Header } from '../image.js'

/**
 * Programs write about ten scans, and some forty to save bytes. Each may have almost no data, but
 * costs the decoder a pass over the whole image: two megabytes could take an hour.
 */
const MAX_SCANS = 500

/** @throws EngineError IMAGE_DEFECT when a JPEG has more scans than any image needs */
export function requireFewScans(file: Uint8Array, { scanStart }: Pick<Header, 'scanStart'>): void {
  let scans = 1
  for (let from = scanStart; from !== undefined; scans++) {
    if (scans > MAX_SCANS) throw new EngineError('IMAGE_DEFECT', `The image data has more than ${MAX_SCANS} scans.`)
    from = nextScan(file, from)
  }
}

/** Where the data of the next scan starts; undefined after the last one. */
function nextScan(file: Uint8Array, from: number): number | undefined {
  for (const { marker, end } of jpegSegments(file, from)) if (marker === START_OF_SCAN) return end
  return undefined
}
