import { PassThrough } from 'node:stream'
import { serialize } from 'node:v8'
import { expect, it } from 'vitest'
import { readMessages, sendMessage } from './channel.js'

const LIMITS = { objects: 1000, files: 1000 }

/** The bytes of messages. */
function bytesOf(...messages: unknown[]): Buffer {
  const stream = new PassThrough({ highWaterMark: 1e6 })
  for (const message of messages) sendMessage(stream, message)
  return stream.read() as Buffer
}

/** Messages that are read from bytes which arrive in pieces of a size; undefined: refused. */
async function readFrom(bytes: Uint8Array, piece = bytes.length): Promise<unknown[]> {
  const stream = new PassThrough()
  const read: unknown[] = []
  readMessages(
    stream,
    LIMITS,
    message => read.push(message),
    () => read.push(undefined),
  )
  for (let at = 0; at < bytes.length; at += piece) stream.write(bytes.subarray(at, at + piece))
  await new Promise(resolve => setImmediate(resolve))
  return read
}

it.each([1, 7, 1000])('messages come as they were sent, with empty files too, in pieces of %i bytes', async piece => {
  const [image, empty] = [Buffer.from('image'), Buffer.alloc(0)]
  const messages = [{ image, mask: empty, other: undefined }, 'spent', { list: [{ file: empty }, image, 1.5, null] }]
  expect(await readFrom(bytesOf(...messages), piece)).toEqual(messages)
})

it('what is beyond the limits is refused when it is announced', async () => {
  expect(await readFrom(bytesOf('x'.repeat(1001)).subarray(0, 54))).toEqual([undefined])
  expect(await readFrom(bytesOf(Buffer.alloc(1001)).subarray(0, 54))).toEqual([undefined])
  expect(await readFrom(bytesOf([Buffer.alloc(600), Buffer.alloc(600)]).subarray(0, 54))).toEqual([undefined])
  expect(await readFrom(bytesOf([Buffer.alloc(400), Buffer.alloc(600)]))).toEqual([[Buffer.alloc(400), Buffer.alloc(600)]])
})

it('what is not a message is refused, and nothing after it is read', async () => {
  const message = bytesOf('good')
  const head = Buffer.alloc(54)
  head.writeUIntBE(1 + serialize({}).length, 0, 6)
  for (const bad of [
    Buffer.alloc(54),
    Buffer.alloc(54, 255),
    // A file that was never sent, in the form of v8 itself.
    Buffer.concat([head, Buffer.alloc(serialize({}).length, 92)]),
  ])
    expect(await readFrom(Buffer.concat([message, bad, message]))).toEqual(['good', undefined])
})
