/**
 * How the pool and its children talk: each message is its length in six bytes and then what
 * `v8.serialize` makes of it, over the child's standard input and output. Not the channel that
 * `spawn` offers: it lets an exception loose in the parent when a child sends it garbage, and takes
 * in any length.
 */
import type { Readable, Writable } from 'node:stream'
import { deserialize, serialize } from 'node:v8'

const LENGTH_BYTES = 6

/** Sends a message; `done` is called once it is sent, with the error if it cannot be. */
export function sendMessage(stream: Writable, message: unknown, done?: (error?: Error | null) => void): void {
  const body = serialize(message)
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUIntBE(body.length, 0, LENGTH_BYTES)
  stream.write(length)
  stream.write(body, done)
}

/**
 * Reads messages until one cannot be read: longer than `maximum` bytes, or not of our making.
 * @param take given each message
 * @param refuse called once, with nothing more to follow
 */
export function readMessages(stream: Readable, maximum: number, take: (message: unknown) => void, refuse: () => void): void {
  let part = Buffer.alloc(LENGTH_BYTES)
  let filled = 0
  let isBody = false
  const expect = (length: number, body: boolean) => {
    part = Buffer.allocUnsafe(length)
    filled = 0
    isBody = body
  }
  const finishPart = () => {
    if (isBody) {
      const message: unknown = deserialize(part)
      expect(LENGTH_BYTES, false)
      take(message)
      return
    }
    const length = part.readUIntBE(0, LENGTH_BYTES)
    if (length === 0 || length > maximum) throw new RangeError(`a message of ${length} bytes`)
    expect(length, true)
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
  readMessages(process.stdin, Number.POSITIVE_INFINITY, request => work(request as Request, respond), end)
}
