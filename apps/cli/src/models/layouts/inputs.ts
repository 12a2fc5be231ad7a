/** How families of networks want their input preprocessed. */
import { fixedSize, imageInput, type Signature } from './signature.js'

const PLAIN = { mean: [0, 0, 0], std: [1, 1, 1] } as const
const UNIT = { mean: [0, 0, 0], std: [255, 255, 255] } as const
/** The mean and deviation of ImageNet, in the order red, green, blue. */
const IMAGENET = { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] } as const

const letterbox = (value: number, position: 'end' | 'centre') => ({ resize: 'letterbox', padding: { value, position } }) as const
const stretch = { resize: 'stretch', padding: { value: 0, position: 'end' } } as const

export const PREPROCESSING = {
  yolox: { ...letterbox(114, 'end'), channels: 'bgr', ...PLAIN },
  yolov8: { ...letterbox(114, 'centre'), channels: 'rgb', ...UNIT },
  unit: { ...stretch, channels: 'rgb', ...UNIT },
  imagenet: { ...stretch, channels: 'rgb', ...IMAGENET },
  mmdetection: {
    ...letterbox(114, 'end'),
    channels: 'bgr',
    mean: [103.53, 116.28, 123.675],
    std: [57.375, 57.12, 58.395],
  },
  plain: { ...letterbox(0, 'end'), channels: 'bgr', ...PLAIN },
  plainRgb: { ...letterbox(0, 'end'), channels: 'rgb', ...PLAIN },
  retinaface: { ...letterbox(0, 'end'), channels: 'bgr', mean: [104, 117, 123], std: [1, 1, 1] },
  scrfd: { ...letterbox(0, 'end'), channels: 'rgb', mean: [127.5, 127.5, 127.5], std: [128, 128, 128] },
  detectron: { ...letterbox(0, 'end'), channels: 'bgr', mean: [102.9801, 115.9465, 122.7717], std: [1, 1, 1] },
} as const
export type Preprocessing = keyof typeof PREPROCESSING

/**
 * The field `input` of a manifest: tensor and size as the file says, the rest as the family wants
 * it.
 * @param isFree whether it takes any size, whatever the file says
 */
export function inputFor(signature: Signature, preprocessing: Preprocessing, isFree: boolean) {
  const tensor = imageInput(signature)!
  return {
    tensor: tensor.name,
    ...(tensor.shape.length === 3 && { batch: false }),
    size: (isFree ? undefined : fixedSize(signature)) ?? { multiple: 32 },
    ...PREPROCESSING[preprocessing],
  }
}
