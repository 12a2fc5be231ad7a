/**
 * A marker segment of a JPEG file; `data` is its payload, a view without the marker and the length.
 */
export interface JpegSegment {
  marker: number
  data: Uint8Array
  /** Where the marker starts and where the payload ends, in bytes from the start of the file. */
  start: number
  end: number
}

/** Offset of the first segment: after the start marker (SOI). */
export const AFTER_START = 2

export const START_OF_SCAN = 0xda
export const END_OF_IMAGE = 0xd9

const TEMPORARY = 0x01
const FIRST_RESTART = 0xd0
const START_OF_IMAGE = 0xd8

/** Markers without a length and a payload. (ITU-T T.81, table B.1) */
function standsAlone(marker: number): boolean {
  return marker === TEMPORARY || (marker >= FIRST_RESTART && marker <= START_OF_IMAGE)
}

/**
 * The marker segments of a JPEG file from a place up to the next scan (SOS), which is included. It
 * is as tolerant as libjpeg (jdmarker.c, next_marker and skip_variable): stray bytes are skipped up
 * to the next marker, markers without a payload are passed over, and a length below two counts as
 * two. Stops without an error at the end marker (EOI) and at the end of a truncated file.
 * @param from where to look for the first marker
 */
export function* jpegSegments(file: Uint8Array, from = AFTER_START): Generator<JpegSegment> {
  for (let at = from; ; ) {
    at = nextMarker(file, at)
    const marker = file[at]
    if (marker === undefined || marker === END_OF_IMAGE) return
    if (standsAlone(marker)) continue
    if (at + 2 >= file.length) return
    const length = file[at + 1] * 256 + file[at + 2]
    const end = at + 1 + Math.max(2, length)
    if (end > file.length) return
    yield { marker, data: file.subarray(at + 3, end), start: at - 1, end }
    if (marker === START_OF_SCAN) return
    at = end
  }
}

/**
 * Offset of the next marker's code: after 0xFF and any number of fill bytes, and not zero.
 */
export function nextMarker(file: Uint8Array, from: number): number {
  let at = from
  do {
    at = file.indexOf(0xff, at)
    if (at < 0) return file.length
    while (file[at] === 0xff) at++
  } while (file[at] === 0)
  return at
}

/** Whether a payload starts with the given text, each character one byte. */
export function startsWith(data: Uint8Array, text: string): boolean {
  if (data.length < text.length) return false
  for (let i = 0; i < text.length; i++) if (data[i] !== text.charCodeAt(i)) return false
  return true
}
