/** Bytes `start` to `end` (inclusive) of a file. */
export interface ByteRange {
  start: number
  end: number
}

/** The requested bytes are beyond the end of the file. */
export class RangeOutsideError extends Error {
  override readonly name = 'RangeOutsideError'
}

/**
 * Reads a Range header (RFC 9110, 14.1.2) for a file of `size` bytes.
 * @returns undefined for none and for one that may be ignored: the response is then the whole file;
 * `outside` when it names no byte of the file
 */
export function readRange(header: string | undefined, size: number): ByteRange | 'outside' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === '' && last === '') return undefined
  if (first === '')
    return last.match(/[1-9]/) && size > 0 ? { start: Math.max(0, size - Number(last)), end: size - 1 } : 'outside'
  const [start, end] = [Number(first), last === '' ? size - 1 : Math.min(Number(last), size - 1)]
  if (last !== '' && Number(last) < start) return undefined
  return start < size ? { start, end } : 'outside'
}
