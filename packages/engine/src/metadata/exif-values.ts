/**
 * The forms that values of EXIF tags may have: none has room for an image, or for what was typed
 * in.
 */
import { type TiffEntry, TYPE_SIZES } from '../formats/tiff.js'

/** Whether an entry's value has the form. */
export type ExifForm = (entry: TiffEntry) => boolean

const ASCII = 2
const UNDEFINED = 7
const UTF8 = 129
const TEXT_TYPES = [ASCII, UTF8]

/** At most `most` numbers, of any type. (Exif 3.0, 4.6.2) */
export const numbers =
  (most: number): ExifForm =>
  ({ type, value }) =>
    type !== UNDEFINED && !TEXT_TYPES.includes(type) && value.length <= most * TYPE_SIZES[type]

export const number = numbers(1)

/** A version or a letter that stands for something: up to four bytes. */
export const code: ExifForm = ({ value }) => value.length <= 4

/** Names of makers, cameras and lenses. */
export const name = text(/^[\p{L}\p{N}\p{P}\p{S} ]{0,64}$/u)

/** A date, a time, an offset or a fraction of a second; some cameras write blanks. */
export const time = text(/^[\d :.TZ+/-]{0,24}$/)

/** The satellites that a position was measured by. */
export const satellites = text(/^[\d ,.:;-]{0,64}$/)

/** The name of a system of coordinates: "WGS-84". */
export const datum = text(/^(?!.*\d{5})[\w .()/:-]{0,32}$/)

/** How a position was found. Devices have a few words for it; whoever types has others. */
export const method: ExifForm = ({ value }) => {
  const words = Buffer.from(value.subarray(hasCharacterCode(value) ? CHARACTER_CODE_LENGTH : 0))
  return METHODS.test(words.toString('latin1').replaceAll('\0', '').trim())
}

const METHODS = /^(|gps|gnss|cellid|wlan|manual|network|fused|hybrid|hybrid-fix|agps|dgps|rtk|ppk)$/i

/** Of free texts: "ASCII", padded with NULs, or eight NULs. (Exif 3.0, table 13) */
const CHARACTER_CODE_LENGTH = 8

function hasCharacterCode(value: Uint8Array): boolean {
  const head = Buffer.from(value.subarray(0, CHARACTER_CODE_LENGTH)).toString('latin1')
  return head === 'ASCII\0\0\0' || head === '\0'.repeat(CHARACTER_CODE_LENGTH)
}

/** Text in UTF-8 or Latin-1, with nothing but NULs and blanks behind its end. */
function text(pattern: RegExp): ExifForm {
  return ({ type, value }) => {
    if (!TEXT_TYPES.includes(type)) return false
    const utf8 = Buffer.from(value).toString()
    const [words, ...rest] = (utf8.includes('\ufffd') ? Buffer.from(value).toString('latin1') : utf8).split('\0')
    return pattern.test(words) && rest.every(part => part.trim() === '')
  }
}
