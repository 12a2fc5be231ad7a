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
  private buffer = new Float32Array(0)

  /** An array of unspecified content. */
  take(length: number): Float32Array {
    if (this.buffer.length < length) this.buffer = new Float32Array(length)
    return this.buffer.subarray(0, length)
  }
}

/** Size of the input and of the image within it. */
interface Fit {
  input: Size
  content: Size
  left: number
  top: number
}

/**
 * Resizes the part `frame` of a view and arranges it for the network: float32 NCHW [1, 3, H, W].
 */
export async function prepare(view: View, frame: Box, layout: InputLayout, limits: Limits, memory: InputMemory): Promise<Input> {
  const size = { width: frame[2] - frame[0], height: frame[3] - frame[1] }
  const fit = fitInto(size, layout, limits)
  const pixels = await view.pixels(frame, fit.content)
  const kx = fit.content.width / size.width
  const ky = fit.content.height / size.height
  return {
    tensor: new Tensor('float32', normalise(pixels, fit, layout, memory), [1, 3, fit.input.height, fit.input.width]),
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

/**
 * H x W x 3 bytes -> 3 x H x W floats, (sample - mean) / std, the rest of the input filled with the
 * padding.
 */
function normalise(
  pixels: Uint8Array,
  { input, content, left, top }: Fit,
  layout: InputLayout,
  memory: InputMemory,
): Float32Array {
  const plane = input.width * input.height
  const out = memory.take(3 * plane)
  for (let channel = 0; channel < 3; channel++) {
    const value = Float32Array.from({ length: 256 }, (_, sample) => (sample - layout.mean[channel]) / layout.std[channel])
    if (content.width < input.width || content.height < input.height) {
      out.fill((layout.padding.value - layout.mean[channel]) / layout.std[channel], channel * plane, (channel + 1) * plane)
    }
    let from = layout.channels === 'bgr' ? 2 - channel : channel
    for (let y = 0; y < content.height; y++) {
      let to = channel * plane + (y + top) * input.width + left
      for (const end = to + content.width; to < end; to++, from += 3) out[to] = value[pixels[from]]
    }
  }
  return out
}
