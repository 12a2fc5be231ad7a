/**
 * How the pool and its children talk, over the child's standard input and output: each message is
 * what `v8` makes of it without its files, and then the files as they are. Objects take much more
 * time and memory to read than bytes, so their share of a message has a limit of its own. Not the
 * channel that `spawn` offers: it lets an exception loose in the parent when a child sends it
 * garbage, and takes in any length.
 */
import type { Readable, Writable } from 'node:stream'
import { DefaultSerializer, Deserializer } from 'node:v8'

const LENGTH_BYTES = 6
/** Files of a message, at most. */
const FILES = 8
/** One more than the length of the objects, and of each file; 0: there is none. */
const HEAD_BYTES = LENGTH_BYTES * (1 + FILES)

/** Limits of a message that is read, in bytes. */
export interface MessageLimits {
  /** Of everything but the files. */
  objects: number
  /** Of all files together. */
  files: number
}

/** Leaves files out: in their place stands their number. */
class ObjectWriter extends DefaultSerializer {
  readonly files: Uint8Array[] = []

  _writeHostObject(file: Uint8Array): void {
    if (!(file instanceof Uint8Array) || this.files.length === FILES) throw new TypeError('not a message')
    this.writeUint32(this.files.push(file) - 1)
  }
}

class ObjectReader extends Deserializer {
  constructor(
    objects: Uint8Array,
    readonly files: readonly Uint8Array[],
  ) {
    super(objects)
  }

  _readHostObject(): Uint8Array {
    return this.files[this.readUint32()]
  }
}

/** Sends a message; `done` is called once it is sent, with the error if it cannot be. */
export function sendMessage(stream: Writable, message: unknown, done?: (error?: Error | null) => void): void {
  const writer = new ObjectWriter()
  writer.writeHeader()
  writer.writeValue(message)
  const parts = [writer.releaseBuffer(), ...writer.files]
  const head = Buffer.alloc(HEAD_BYTES)
  for (const [i, { length }] of parts.entries()) head.writeUIntBE(length + 1, i * LENGTH_BYTES, LENGTH_BYTES)
  stream.write(head)
  for (const part of parts.slice(0, -1)) stream.write(part)
  stream.write(parts.at(-1), done)
}

/**
 * Reads messages until one cannot be read: beyond the limits, or not of our making.
 * @param take given each message
 * @param refuse called once, with nothing more to follow
 */
export function readMessages(
  stream: Readable,
  limits: MessageLimits,
  take: (message: unknown) => void,
  refuse: () => void,
): void {
  let part: Buffer = Buffer.alloc(HEAD_BYTES)
  let filled = 0
  /** Of the message that is arriving: the parts after its head, and how many are whole. */
  let parts: Buffer[] | undefined
  let whole = 0

  const begin = (next: Buffer) => {
    part = next
    filled = 0
  }
  const finishPart = () => {
    if (parts) whole++
    else parts = readHead(part, limits).map(length => Buffer.allocUnsafe(length))
    while (whole < parts.length && parts[whole].length === 0) whole++
    if (whole < parts.length) return begin(parts[whole])
    const [objects, ...files] = parts
    const reader = new ObjectReader(objects, files)
    reader.readHeader()
    const message: unknown = reader.readValue()
    parts = undefined
    whole = 0
    begin(Buffer.alloc(HEAD_BYTES))
    take(message)
  }
  const read = (chunk: Buffer) => {
    try {
      for (let at = 0; at < chunk.length; ) {
        const taken = chunk.copy(part, filled, at)
        at += taken
        filled += taken
        if (filled === part.length) finishPart()
      }
    } catch {
      stream.off('data', read)
      stream.destroy()
      refuse()
    }
  }
  stream.on('data', read)
}

/** The lengths of the parts of a message, of which the first are its objects. */
function readHead(head: Buffer, limits: MessageLimits): number[] {
  const numbers = Array.from({ length: 1 + FILES }, (_, i) => head.readUIntBE(i * LENGTH_BYTES, LENGTH_BYTES))
  const lengths = numbers.filter(number => number > 0).map(number => number - 1)
  const [objects, ...files] = lengths
  if (numbers[0] === 0 || objects > limits.objects || files.reduce((sum, length) => sum + length, 0) > limits.files)
    throw new RangeError(`a message of ${lengths.join(' + ')} bytes`)
  return lengths
}

/** What the parent sends is trusted. */
const ANY: MessageLimits = { objects: Number.POSITIVE_INFINITY, files: Number.POSITIVE_INFINITY }

/**
 * The child's end: works on what the parent sends, and ends with it.
 * @param work given each request, and how to reply to it
 */
export function serveParent<Request, Reply>(work: (request: Request, respond: (reply: Reply) => void) => void): void {
  // Not exit(): native threads may be at work, and their clean-up could hang.
  const end = () => process.kill(process.pid, 'SIGKILL')
  // A parent that has gone needs no reply: the end of standard input ends this process.
  process.stdout.on('error', () => {})
  process.stdin.on('end', end).on('error', end)
  const respond = (reply: Reply) => sendMessage(process.stdout, reply)
  readMessages(process.stdin, ANY, request => work(request as Request, respond), end)
}
