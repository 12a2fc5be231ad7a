import type { Header } from '../image.js'

const HEADER_LENGTH = 128
const TAG_ENTRY_LENGTH = 12
/** Data colour space a profile must have for the pixels that are written. CMYK photos are written as sRGB and need no profile. */
const COLOUR_SPACES: Record<Header['colour'], string | undefined> = { rgb: 'RGB ', gray: 'GRAY', cmyk: undefined }

/** X, Y and Z of sRGB's red, green and blue, adapted to the D50 white of profiles. (sRGB IEC61966-2.1) */
const SRGB_PRIMARIES = { rXYZ: [0.436, 0.222, 0.014], gXYZ: [0.385, 0.717, 0.097], bXYZ: [0.143, 0.061, 0.714] } as const
/** Display P3, the profile of phones, differs by up to 0.093; Adobe RGB by 0.18. */
const NEAR = 0.1

/** The profile cut to its own length; undefined when it is none or does not fit the pixels that are written. (ICC.1:2022, 7.2) */
export function checkedProfile(profile: Uint8Array, colour: Header['colour']): Uint8Array | undefined {
  if (profile.length < HEADER_LENGTH + 4) return undefined
  const length = new DataView(profile.buffer, profile.byteOffset).getUint32(0)
  const fits = ascii(profile, 36) === 'acsp' && ascii(profile, 16) === COLOUR_SPACES[colour]
  return fits && length >= HEADER_LENGTH + 4 && length <= profile.length ? profile.subarray(0, length) : undefined
}

/**
 * Whether pixels of this profile may be looked at as if they were sRGB: its primaries are near. Detectors see no difference, and the
 * conversion of a 12-megapixel photo would cost 150 ms and a second copy.
 */
export function isNearSrgb(profile: Uint8Array): boolean {
  return Object.entries(SRGB_PRIMARIES).every(([tag, primary]) => {
    const at = findTag(profile, tag)
    if (at === undefined) return false
    const view = new DataView(profile.buffer, profile.byteOffset + at, 20)
    return primary.every((value, i) => Math.abs(view.getInt32(8 + 4 * i) / 65536 - value) < NEAR)
  })
}

/** Where an XYZ tag's 20 bytes start: type, reserved, then X, Y and Z as 16.16 numbers. */
function findTag(profile: Uint8Array, tag: string): number | undefined {
  const view = new DataView(profile.buffer, profile.byteOffset, profile.length)
  const count = Math.min(view.getUint32(HEADER_LENGTH), (profile.length - HEADER_LENGTH - 4) / TAG_ENTRY_LENGTH)
  for (let i = 0; i < Math.floor(count); i++) {
    const entry = HEADER_LENGTH + 4 + i * TAG_ENTRY_LENGTH
    const offset = view.getUint32(entry + 4)
    if (ascii(profile, entry) === tag) return offset + 20 <= profile.length ? offset : undefined
  }
  return undefined
}

function ascii(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4))
}
