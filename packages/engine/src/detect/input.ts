import { Tensor } from 'onnxruntime-node'
import type { Box, Size } from '../geometry.js'
import type { View } from '../plan/view.js'
import type { DetectorManifest } from './manifest.js'

export type InputLayout = DetectorManifest['input']

/** The input of a network and its position in the view. */
export interface Input {
  tensor: Tensor
  /** Size of the network's input in px. */
  size: Size
  /** Converts a box from px of the input to px of the view. */
  locate(box: Box): Box
}

/**
 * Reusable memory for inputs: new arrays of 20 MB would cost more than filling them. An input is
 * valid until the next one.
 */
export class InputMemory {
  private buffer = new ArrayBuffer(0)

  /** An array of unspecified content. */
  floats(length: number): Float32Array {
    return new Float32Array(this.take(4 * length), 0, length)
  }

  /** An array of unspecified content. */
  bytes(length: number): Uint8Array {
    return new Uint8Array(this.take(length), 0, length)
  }

  private take(length: number): ArrayBuffer {
    if (this.buffer.byteLength < length) this.buffer = new ArrayBuffer(length)
    return this.buffer
  }
}

/** Size of the input and of the image within it. */
interface Fit {
  input: Size
  content: Size
  left: number
  top: number
}

/** How a network wants its input. */
export interface InputForm {
  layout: InputLayout
  /** Bytes instead of floats; mean, deviation and order of the channels are the network's part. */
  takesBytes: boolean
}

/**
 * Resizes the part `frame` of a view and arranges it for the network: float32 NCHW [1, 3, H, W], or
 * the RGBX bytes themselves [1, H, W, 4] for one that takes them.
 */
export async function prepare(
  view: View,
  frame: Box,
  { layout, takesBytes }: InputForm,
  limits: Limits,
  memory: InputMemory,
): Promise<Input> {
  const size = { width: frame[2] - frame[0], height: frame[3] - frame[1] }
  const fit = fitInto(size, layout, limits)
  const pixels = await view.pixels(frame, fit.content)
  const kx = fit.content.width / size.width
  const ky = fit.content.height / size.height
  return {
    tensor: (takesBytes ? bytesTensor : floatTensor)(pixels, fit, layout, memory),
    size: fit.input,
    locate: ([x1, y1, x2, y2]) => [
      (x1 - fit.left) / kx + frame[0],
      (y1 - fit.top) / ky + frame[1],
      (x2 - fit.left) / kx + frame[0],
      (y2 - fit.top) / ky + frame[1],
    ],
  }
}

/** For networks of variable size. */
export interface Limits {
  /** Long side of the image in the input, px. */
  longSide?: number
  /** Maximum enlargement. */
  enlarge?: number
}

const DEFAULT_LONG_SIDE = 640

/** Position of an image in the input of the network, by the rules of the manifest. */
export function fitInto(size: Size, { size: wanted, resize, padding }: InputLayout, limits: Limits): Fit {
  const fixed = 'width' in wanted
  const { longSide = DEFAULT_LONG_SIDE, enlarge = Number.POSITIVE_INFINITY } = fixed ? {} : limits
  const room = fixed ? wanted : { width: longSide, height: longSide }
  const k = Math.min(room.width / size.width, room.height / size.height, enlarge)
  const scaled = { width: Math.max(1, Math.round(size.width * k)), height: Math.max(1, Math.round(size.height * k)) }
  const input = fixed ? wanted : { width: upTo(scaled.width, wanted.multiple), height: upTo(scaled.height, wanted.multiple) }
  const content = resize === 'stretch' ? input : scaled
  const centred = padding.position === 'centre'
  return {
    input,
    content,
    left: centred ? (input.width - content.width) >> 1 : 0,
    top: centred ? (input.height - content.height) >> 1 : 0,
  }
}

function upTo(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple
}

type Arrange = (pixels: Uint8Array, fit: Fit, layout: InputLayout, memory: InputMemory) => Tensor

/**
 * H x W x 4 bytes -> 3 x H x W floats, (sample - mean) / std, the rest of the input filled with the
 * padding.
 */
const floatTensor: Arrange = (pixels, { input, content, left, top }, layout, memory) => {
  const plane = input.width * input.height
  const out = memory.floats(3 * plane)
  for (let channel = 0; channel < 3; channel++) {
    const value = Float32Array.from({ length: 256 }, (_, sample) => (sample - layout.mean[channel]) / layout.std[channel])
    if (content.width < input.width || content.height < input.height) {
      out.fill((layout.padding.value - layout.mean[channel]) / layout.std[channel], channel * plane, (channel + 1) * plane)
    }
    let from = layout.channels === 'bgr' ? 2 - channel : channel
    for (let y = 0; y < content.height; y++) {
      let to = channel * plane + (y + top) * input.width + left
      for (const end = to + content.width; to < end; to++, from += 4) out[to] = value[pixels[from]]
    }
  }
  return new Tensor('float32', out, [1, 3, input.height, input.width])
}

/** The bytes as they are where they fill the input, else within the padding. */
const bytesTensor: Arrange = (pixels, { input, content, left, top }, { padding }, memory) => {
  const dims = [1, input.height, input.width, 4]
  if (content.width === input.width && content.height === input.height) return new Tensor('uint8', pixels, dims)
  const out = memory.bytes(4 * input.width * input.height).fill(padding.value)
  const row = 4 * content.width
  for (let y = 0; y < content.height; y++) {
    out.set(pixels.subarray(y * row, (y + 1) * row), 4 * ((y + top) * input.width + left))
  }
  return new Tensor('uint8', out, dims)
}
