import type { Header } from '../image.js'
import { isNearSrgbCurve } from './icc-curve.js'

const HEADER_LENGTH = 128
const TAG_ENTRY_LENGTH = 12
/** Maximum number of tags; profiles have a few dozen. */
const MAX_TAGS = 1000
/** Where the header ends but for the profile's checksum and reserved bytes. (ICC.1:2022, 7.2) */
const CHECKSUM = 84
/**
 * Data colour space a profile must have for the pixels that are written. CMYK photos are written as
 * sRGB and need no profile.
 */
const COLOUR_SPACES: Record<Header['colour'], string | undefined> = { rgb: 'RGB ', gray: 'GRAY', cmyk: undefined }

/**
 * Tags that define colours, and the two texts that every profile must have. (ICC.1:2022, 9.2;
 * viewing conditions, devices, measurements and private tags are not among them)
 */
const KEPT_TAGS = new Set([
  ...[
    'desc',
    'cprt',
    'wtpt',
    'bkpt',
    'chad',
    'cicp',
    'lumi',
    'rXYZ',
    'gXYZ',
    'bXYZ',
    'rTRC',
    'gTRC',
    'bTRC',
    'kTRC',
    'gamt',
    'rig0',
  ],
  ...['A2B0', 'A2B1', 'A2B2', 'B2A0', 'B2A1', 'B2A2', 'B2D0', 'B2D1', 'B2D2', 'B2D3', 'D2B0', 'D2B1', 'D2B2', 'D2B3'],
])
const TEXT_TAGS = new Set(['desc', 'cprt'])
/** A name in thirty languages is about as long; an image is longer. */
const MAX_TEXT_LENGTH = 4096

/**
 * X, Y and Z of sRGB's red, green and blue, adapted to the D50 white of profiles. (sRGB
 * IEC61966-2.1)
 */
const SRGB_PRIMARIES = { rXYZ: [0.436, 0.222, 0.014], gXYZ: [0.385, 0.717, 0.097], bXYZ: [0.143, 0.061, 0.714] } as const
/** Display P3, the profile of phones, differs by up to 0.093; Adobe RGB by 0.18. */
const NEAR = 0.1

/** A tag of an ICC profile. */
export interface ProfileTag {
  /** Four characters. */
  signature: string
  data: Uint8Array
}

/**
 * Rewrites a profile with the kept tags; undefined when it is invalid or does not match the written
 * pixels.
 */
export function filterProfile(profile: Uint8Array, colour: Header['colour']): Uint8Array | undefined {
  if (profile.length < HEADER_LENGTH + 4) return undefined
  const length = new DataView(profile.buffer, profile.byteOffset).getUint32(0)
  const fits = ascii(profile, 36) === 'acsp' && ascii(profile, 16) === COLOUR_SPACES[colour]
  if (!fits || length < HEADER_LENGTH + 4 || length > profile.length) return undefined
  const tags = keptTags(profile.subarray(0, length))
  return tags.length > 0 && !overlap(tags, length) ? writeProfile(profile, tags) : undefined
}

/** Of several tags with one signature the first counts. */
function keptTags(profile: Uint8Array): ProfileTag[] {
  const tags = new Map<string, ProfileTag>()
  for (const tag of readTags(profile)) {
    const isKept = KEPT_TAGS.has(tag.signature) && (!TEXT_TAGS.has(tag.signature) || tag.data.length <= MAX_TEXT_LENGTH)
    if (isKept && !tags.has(tag.signature)) tags.set(tag.signature, tag)
  }
  return [...tags.values()]
}

/**
 * Whether tags share data in part, which would make a small profile large; tags that are equal
 * share all of it.
 */
function overlap(tags: readonly ProfileTag[], length: number): boolean {
  const sizes = new Map(tags.map(({ data }) => [`${data.byteOffset} ${data.length}`, data.length]))
  return [...sizes.values()].reduce((sum, size) => sum + size, 0) > length
}

/** The tags of a profile; those whose data lies outside of it are left out. (7.3) */
export function readTags(profile: Uint8Array): ProfileTag[] {
  const view = new DataView(profile.buffer, profile.byteOffset, profile.length)
  const room = Math.floor((profile.length - HEADER_LENGTH - 4) / TAG_ENTRY_LENGTH)
  const tags: ProfileTag[] = []
  for (let i = 0; i < Math.min(room, MAX_TAGS, view.getUint32(HEADER_LENGTH)); i++) {
    const entry = HEADER_LENGTH + 4 + i * TAG_ENTRY_LENGTH
    const start = view.getUint32(entry + 4)
    const end = start + view.getUint32(entry + 8)
    if (end <= profile.length) tags.push({ signature: ascii(profile, entry), data: profile.subarray(start, end) })
  }
  return tags
}

/**
 * A profile of these tags with the header of another one, whose checksum is left out; equal data is
 * written once.
 */
export function writeProfile(header: Uint8Array, tags: readonly ProfileTag[]): Uint8Array {
  const table = new Uint8Array(HEADER_LENGTH + 4 + tags.length * TAG_ENTRY_LENGTH)
  table.set(header.subarray(0, CHECKSUM))
  const view = new DataView(table.buffer)
  view.setUint32(HEADER_LENGTH, tags.length)
  const parts: Uint8Array[] = [table]
  const written: { data: Uint8Array; start: number }[] = []
  let end = table.length
  for (const [i, { signature, data }] of tags.entries()) {
    let place = written.find(other => Buffer.compare(other.data, data) === 0)
    if (!place) {
      place = { data, start: end }
      written.push(place)
      // Each starts at a multiple of four bytes.
      parts.push(data, new Uint8Array(-data.length & 3))
      end += data.length + (-data.length & 3)
    }
    const entry = HEADER_LENGTH + 4 + i * TAG_ENTRY_LENGTH
    table.set(Buffer.from(signature, 'latin1'), entry)
    view.setUint32(entry + 4, place.start)
    view.setUint32(entry + 8, data.length)
  }
  view.setUint32(0, end)
  return Buffer.concat(parts)
}

/**
 * What a table from device to colour is called: where there is one, it counts and not the
 * primaries.
 */
const COLOUR_TABLES = /^[AD]2B\d$/
const CURVES = { rgb: ['rTRC', 'gTRC', 'bTRC'], gray: ['kTRC'], cmyk: undefined }

/**
 * Whether pixels of this profile may be looked at as if they were sRGB: its primaries and tone
 * curves are near, and no table takes their place. Detectors see no difference, and the conversion
 * of a 12-megapixel photo would cost 150 ms and a second copy.
 */
export function isNearSrgb(profile: Uint8Array, colour: Header['colour']): boolean {
  const tags = readTags(profile)
  const dataOf = (signature: string) => tags.find(tag => tag.signature === signature)?.data ?? new Uint8Array()
  return (
    !tags.some(({ signature }) => COLOUR_TABLES.test(signature)) &&
    CURVES[colour]?.every(signature => isNearSrgbCurve(dataOf(signature))) === true &&
    // A gray image has no colours that primaries could shift.
    (colour === 'gray' || hasNearPrimaries(dataOf))
  )
}

function hasNearPrimaries(dataOf: (signature: string) => Uint8Array): boolean {
  return Object.entries(SRGB_PRIMARIES).every(([signature, primary]) => {
    // Type and reserved bytes, then X, Y and Z as 16.16 numbers.
    const data = dataOf(signature)
    if (data.length < 20) return false
    const view = new DataView(data.buffer, data.byteOffset)
    return primary.every((value, i) => Math.abs(view.getInt32(8 + 4 * i) / 65536 - value) < NEAR)
  })
}

function ascii(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4))
}
