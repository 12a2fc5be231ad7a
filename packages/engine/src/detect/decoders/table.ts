import type { DetectorManifest } from '../manifest.js'
import { blazeface } from './blazeface.js'
import type { Answer, Decoder, DetectorType, RawBox } from './decoder.js'
import { nanodet } from './nanodet.js'
import { plate } from './plate.js'
import { ssd } from './ssd.js'

const DECODERS: { [T in DetectorType]: Decoder<T> } = { nanodet, ssd, blazeface, plate }

/** Boxes from the output of a network, by the decoder in its manifest. */
export function decode<T extends DetectorType>(
  settings: Extract<DetectorManifest['decoder'], { type: T }>,
  answer: Answer,
): RawBox[] {
  const decoder = DECODERS[settings.type] as Decoder<T>
  return decoder(settings as Parameters<Decoder<T>>[0], answer)
}
