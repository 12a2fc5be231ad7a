/** What an ONNX file says of itself: its input and output tensors. */

/** A tensor; a side without a fixed size has a name or an empty text. */
export interface TensorInfo {
  name: string
  /** float32, int64 ... */
  type: string
  shape: readonly (number | string)[]
}

/** The tensors of a network. */
export interface Signature {
  inputs: readonly TensorInfo[]
  outputs: readonly TensorInfo[]
  /**
   * Inner values that its end only joins to its one output; with them as outputs the network takes
   * images of any size.
   */
  maps?: readonly string[]
}

/** The tensor that takes the image: N x 3 x H x W, or 3 x H x W. */
export function imageInput({ inputs }: Signature): TensorInfo | undefined {
  return inputs.find(({ type, shape }) => type === 'float32' && shape.length >= 3 && shape.at(-3) === 3)
}

/** Height and width of the image input; undefined where they are free. */
export function fixedSize(signature: Signature): { width: number; height: number } | undefined {
  const [height, width] = imageInput(signature)?.shape.slice(-2) ?? []
  return typeof width === 'number' && typeof height === 'number' && width > 0 && height > 0 ? { width, height } : undefined
}

/** The number of cells of all levels of a network; undefined where its size is free. */
export function cellsOf(signature: Signature, strides: readonly number[]): number | undefined {
  const size = fixedSize(signature)
  if (!size) return undefined
  const along = (side: number, stride: number) => Math.ceil(side / stride)
  return strides.reduce((sum, stride) => sum + along(size.width, stride) * along(size.height, stride), 0)
}

/** A side of a tensor from its end; undefined where it is free. */
export function side({ shape }: TensorInfo, fromEnd: number): number | undefined {
  const value = shape.at(-fromEnd)
  return typeof value === 'number' && value > 0 ? value : undefined
}
