/** A marker segment of a JPEG file; `data` is its payload, a view without the marker and the length. */
export interface JpegSegment {
  marker: number
  data: Uint8Array
  /** Where the marker starts and where the payload ends, in bytes from the start of the file. */
  start: number
  end: number
}

export const START_OF_SCAN = 0xda

/**
 * The marker segments from the start of a JPEG file up to its first scan (SOS), which is included. Stops without an error where the
 * file breaks off or no marker follows. (ITU-T T.81, B.1.1)
 */
export function* jpegSegments(file: Uint8Array): Generator<JpegSegment> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  let at = 2
  while (at + 4 <= file.length && file[at] === 0xff) {
    const marker = file[at + 1]
    if (marker === 0xff) {
      at += 1 // a fill byte
      continue
    }
    const end = at + 2 + view.getUint16(at + 2)
    if (end < at + 4 || end > file.length) return
    yield { marker, data: file.subarray(at + 4, end), start: at, end }
    if (marker === START_OF_SCAN) return
    at = end
  }
}

/** Whether a payload starts with the given text, each character one byte. */
export function startsWith(data: Uint8Array, text: string): boolean {
  return data.length >= text.length && [...text].every((character, i) => data[i] === character.charCodeAt(0))
}
