/** Messages between the process that asks about an ONNX file and the one that loads it. */

/** The message to the process: a file to inspect. */
export interface InspectRequest {
  folder: string
  /** Relative to the folder. */
  file: string
}

/** A tensor of a network; a side without a fixed size has a name or an empty text. */
export interface Tensor {
  name: string
  /** float32, int64 ... */
  type: string
  shape: (number | string)[]
}

/** What an ONNX file says of itself. */
export interface Inspected {
  inputs: Tensor[]
  outputs: Tensor[]
  /** Inner values that the graph's end only joins to its one output, see {@link joinedMaps}. */
  maps: string[]
  /** Milliseconds that loading took. */
  loadMs: number
}

/** The message from the process; not trusted. */
export type InspectReply = Inspected | { error: string }

type Check = (value: unknown) => boolean

const MAX_TEXT = 8192
const MAX_ENTRIES = 1000
const isText: Check = value => typeof value === 'string' && value.length <= MAX_TEXT
const isList =
  (check: Check): Check =>
  value =>
    Array.isArray(value) && value.length <= MAX_ENTRIES && value.every(check)
const isSide: Check = value => isText(value) || Number.isSafeInteger(value)
const isTensor: Check = value => {
  const { name, type, shape } = (value ?? {}) as Partial<Tensor>
  return isText(name) && isText(type) && isList(isSide)(shape)
}

/** Whether a message is a reply: the process that sent it has loaded a file of anyone. */
export function isReply(message: unknown): message is InspectReply {
  if (typeof message !== 'object' || message === null) return false
  if ('error' in message) return isText(message.error)
  const { inputs, outputs, maps, loadMs } = message as Partial<Inspected>
  return isList(isTensor)(inputs) && isList(isTensor)(outputs) && isList(isText)(maps) && Number.isFinite(loadMs)
}
