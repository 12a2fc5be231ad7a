/** Reads and writes the fields of ONNX files: protocol buffers, without a schema. */

/** A field of a message: its number, where it begins, and its content. */
export interface Field {
  number: number
  /** The whole field, with its tag. */
  whole: Uint8Array
  /** Of a field with a length, what it holds; otherwise empty. */
  content: Uint8Array
  /** Of a number, its value. */
  value: number
}

/** The content is not a protocol buffer. */
export class NoOnnxError extends Error {
  override readonly name = 'NoOnnxError'
}

const VARINT = 0
const FIXED_64 = 1
const LENGTH = 2
const FIXED_32 = 5
const EMPTY = new Uint8Array(0)

/**
 * The fields of a message in their order.
 * @throws NoOnnxError when the bytes are not a message
 */
export function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let at = 0
  while (at < bytes.length) {
    const start = at
    const tag = readVarint(bytes, at)
    // Programs that keep only 32 bits of a tag would see another field.
    if (tag.value >= 2 ** 32) throw new NoOnnxError('it is not an ONNX file')
    const kind = tag.value % 8
    at = tag.end
    let content: Uint8Array = EMPTY
    let value = 0
    if (kind === VARINT) ({ value, end: at } = readVarint(bytes, at))
    else if (kind === LENGTH) {
      const length = readVarint(bytes, at)
      at = length.end + length.value
      content = bytes.subarray(length.end, at)
    } else if (kind === FIXED_32) at += 4
    else if (kind === FIXED_64) at += 8
    else throw new NoOnnxError('it is not an ONNX file')
    if (at > bytes.length) throw new NoOnnxError('it is not an ONNX file, or it is truncated')
    yield { number: Math.floor(tag.value / 8), whole: bytes.subarray(start, at), content, value }
  }
}

function readVarint(bytes: Uint8Array, at: number): { value: number; end: number } {
  let value = 0
  // Negative numbers take ten bytes; only their being other than 0 counts here.
  for (let i = 0; i < 10 && at + i < bytes.length; i++) {
    value += (bytes[at + i] & 127) * 2 ** (7 * i)
    if (bytes[at + i] < 128) return { value, end: at + i + 1 }
  }
  throw new NoOnnxError('it is not an ONNX file, or it is truncated')
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return Uint8Array.of(...bytes, rest)
}

/** A field that holds a number. */
export function numberField(number: number, value: number): Uint8Array {
  return Buffer.concat([varint(number * 8 + VARINT), varint(value)])
}

/** A field that holds a text, or a message given by its fields. */
export function field(number: number, content: string | readonly Uint8Array[]): Uint8Array {
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.concat(content)
  return Buffer.concat([varint(number * 8 + LENGTH), varint(bytes.length), bytes])
}

/** The text that a field holds. */
export function textOf({ content }: Field): string {
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('utf8')
}
