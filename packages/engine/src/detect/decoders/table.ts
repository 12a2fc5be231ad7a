import type { DetectorManifest, DetectorType } from '../manifest.js'
import { blazeface } from './blazeface.js'
import { centerface } from './centerface.js'
import type { Decoder, Inference, RawBox } from './decoder.js'
import { detections } from './detections.js'
import { detr } from './detr.js'
import { nanodet } from './nanodet.js'
import { nanodetPlus } from './nanodet-plus.js'
import { plate } from './plate.js'
import { rows } from './rows.js'
import { scrfd } from './scrfd.js'
import { ssd } from './ssd.js'
import { yolov8 } from './yolov8.js'
import { yolox } from './yolox.js'
import { yunet } from './yunet.js'

const DECODERS: { [T in DetectorType]: Decoder<T> } = {
  nanodet,
  'nanodet-plus': nanodetPlus,
  ssd,
  blazeface,
  plate,
  yolox,
  yolov8,
  detr,
  detections,
  rows,
  yunet,
  scrfd,
  centerface,
}

/** Boxes from the output of a network, by the decoder in its manifest. */
export function decode(settings: DetectorManifest['decoder'], inference: Inference): RawBox[] {
  const decoder = DECODERS[settings.type] as (settings: DetectorManifest['decoder'], inference: Inference) => RawBox[]
  return decoder(settings, inference)
}
