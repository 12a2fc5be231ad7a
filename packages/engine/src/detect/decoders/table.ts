import type { DetectorManifest } from '../manifest.js'
import { blazeface } from './blazeface.js'
import type { Answer, Decoder, DetectorType, RawBox } from './decoder.js'
import { nanodet } from './nanodet.js'
import { plate } from './plate.js'
import { ssd } from './ssd.js'

const DECODERS: { [T in DetectorType]: Decoder<T> } = { nanodet, ssd, blazeface, plate }

/** Boxes of a network's answer, by the decoder that its manifest names. */
export function decode<T extends DetectorType>(
  settings: Extract<DetectorManifest['decoder'], { type: T }>,
  answer: Answer,
): RawBox[] {
  const decoder = DECODERS[settings.type] as Decoder<T>
  return decoder(settings as Parameters<Decoder<T>>[0], answer)
}
