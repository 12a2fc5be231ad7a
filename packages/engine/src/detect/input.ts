import { Tensor } from 'onnxruntime-node'
import type { Box, Size } from '../geometry.js'
import type { Samples, View } from '../plan/view.js'
import type { DetectorManifest } from './manifest.js'

export type InputLayout = DetectorManifest['input']

/** The inputs of a network and the position of the image in the view. */
export interface Input {
  /** By name. */
  feeds: Readonly<Record<string, Tensor>>
  /** Size of the network's input in px. */
  size: Size
  /** Where the image lies in it. */
  place: Place
}

/** Where the part `frame` of a view lies in an input. */
export interface Place extends Fit {
  frame: Box
  /** Left and right of the view have changed places. */
  mirror: boolean
}

/** Converts a box from px of the input to px of the view. */
export function locate([left, top, right, bottom]: Box, { frame, content, mirror, ...start }: Place): Box {
  const kx = content.width / (frame[2] - frame[0])
  const ky = content.height / (frame[3] - frame[1])
  const x1 = mirror ? content.width - right + start.left : left - start.left
  const x2 = mirror ? content.width - left + start.left : right - start.left
  return [x1 / kx + frame[0], (top - start.top) / ky + frame[1], x2 / kx + frame[0], (bottom - start.top) / ky + frame[1]]
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
 * bytes, RGBX [1, H, W, 4], for one that takes them.
 */
export async function prepare(
  view: View,
  frame: Box,
  { layout, takesBytes }: InputForm,
  wishes: Wishes,
  memory: InputMemory,
): Promise<Input> {
  const size = { width: frame[2] - frame[0], height: frame[3] - frame[1] }
  const fit = fitInto(size, layout, wishes)
  const { mirror = false } = wishes
  const pixels = await view.pixels(frame, fit.content)
  return {
    feeds: {
      [layout.tensor]: (takesBytes ? bytesTensor : floatTensor)(pixels, fit, { layout, mirror }, memory),
      ...furtherInputs(layout, fit.input),
    },
    size: fit.input,
    place: { ...fit, frame, mirror },
  }
}

/** What networks want besides the image, 1 x 2 each. */
function furtherInputs({ further = {} }: InputLayout, { width, height }: Size): Record<string, Tensor> {
  const values = { 'width, height': [width, height], 'height, width': [height, width], ones: [1, 1] }
  return Object.fromEntries(
    Object.entries(further).map(([name, { type, values: which }]) => [
      name,
      type === 'int64'
        ? new Tensor('int64', BigInt64Array.from(values[which], BigInt), [1, 2])
        : new Tensor('float32', Float32Array.from(values[which]), [1, 2]),
    ]),
  )
}

/** For networks of variable size. */
export interface Limits {
  /** Long side of the image in the input, px. */
  longSide?: number
  /** Maximum enlargement. */
  enlarge?: number
}

/** How a pass wants to see the view. */
export interface Wishes extends Limits {
  /** Left and right change places. */
  mirror?: boolean
}

/** Where a pass does not say. */
export const DEFAULT_LONG_SIDE = 640

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

/** Fills the input with pixels that several networks share: they are only to be read. */
type Arrange = (pixels: Samples, fit: Fit, how: { layout: InputLayout; mirror: boolean }, memory: InputMemory) => Tensor

/**
 * RGB bytes -> 3 x H x W floats, (sample - mean) / std, the rest of the input filled with the
 * padding.
 */
const floatTensor: Arrange = ({ data, start, row }, { input, content, left, top }, { layout, mirror }, memory) => {
  const step = mirror ? -1 : 1
  const plane = input.width * input.height
  const out = memory.floats(3 * plane)
  const fit = { input, content, left, top }
  for (let channel = 0; channel < 3; channel++) {
    const value = Float32Array.from({ length: 256 }, (_, sample) => (sample - layout.mean[channel]) / layout.std[channel])
    const padding = (layout.padding.value - layout.mean[channel]) / layout.std[channel]
    fillAround(out.subarray(channel * plane, (channel + 1) * plane), padding, fit)
    const first = start + (layout.channels === 'bgr' ? 2 - channel : channel)
    for (let y = 0; y < content.height; y++) {
      let from = first + y * row
      let to = channel * plane + (y + top) * input.width + left + (mirror ? content.width - 1 : 0)
      for (const end = to + step * content.width; to !== end; to += step, from += 3) out[to] = value[data[from]]
    }
  }
  return new Tensor('float32', out, [...(layout.batch === false ? [] : [1]), 3, input.height, input.width])
}

/** RGB bytes -> H x W x 4 RGBX bytes, within the padding. X has no meaning. */
const bytesTensor: Arrange = ({ data, start, row }, { input, content, left, top }, { layout, mirror }, memory) => {
  const step = mirror ? -4 : 4
  const out = memory.bytes(4 * input.width * input.height)
  fillAround(out, layout.padding.value, { input, content, left, top }, 4)
  for (let y = 0; y < content.height; y++) {
    let from = start + y * row
    let to = 4 * ((y + top) * input.width + left + (mirror ? content.width - 1 : 0))
    for (const end = from + 3 * content.width; from < end; from += 3, to += step) {
      out[to] = data[from]
      out[to + 1] = data[from + 1]
      out[to + 2] = data[from + 2]
    }
  }
  return new Tensor('uint8', out, [1, input.height, input.width, 4])
}

/** Fills the input around the image, of which each pixel has `samples` values. */
function fillAround(out: Float32Array | Uint8Array, value: number, { input, content, left, top }: Fit, samples = 1): void {
  const row = samples * input.width
  const [start, end] = [samples * left, samples * (left + content.width)]
  out.fill(value, 0, top * row)
  out.fill(value, (top + content.height) * row, input.height * row)
  if (content.width === input.width) return
  for (let at = top * row; at < (top + content.height) * row; at += row) {
    out.fill(value, at, at + start)
    out.fill(value, at + end, at + row)
  }
}
