import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { afterEach, expect, test } from 'vitest'
import { resolveHost } from './resolve-host.js'

let server: Socket

afterEach(() => server.close())

/**
 * A name server. `answer` gets the question and returns the answer, if any.
 * @returns its address
 */
async function nameServer(answer: (question: Buffer) => Buffer | undefined): Promise<string> {
  server = createSocket('udp4', (question, { port, address }) => {
    const answered = answer(question)
    if (answered) server.send(answered, port, address)
  })
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  return `127.0.0.1:${server.address().port}`
}

/** The question with other flags, and records that follow. */
function answerTo(question: Buffer, flags: number, ...records: Buffer[]): Buffer {
  const end = question.indexOf(0, 12) + 5
  const answer = Buffer.concat([question.subarray(0, end), ...records])
  answer.writeUInt16BE(flags, 2)
  answer.writeUInt16BE(records.length, 6)
  answer.writeUInt32BE(0, 8)
  return answer
}

const typeOf = (question: Buffer) => question.readUInt16BE(question.indexOf(0, 12) + 1)
/** A record of the name asked for, good for a minute. */
const record = (type: number, data: Buffer) =>
  Buffer.concat([Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length]), data])

const A = 1
const OK = 0x8180
const NO_SUCH_NAME = 0x8183

test('all addresses of a name are found, of both kinds', async () => {
  const address = await nameServer(question =>
    typeOf(question) === A
      ? answerTo(question, OK, record(A, Buffer.from([192, 0, 2, 1])), record(A, Buffer.from([192, 0, 2, 2])))
      : answerTo(question, OK, record(28, Buffer.from('20010db8000000000000000000000001', 'hex'))),
  )
  expect((await resolveHost('hook.example', [address])).sort()).toEqual(['192.0.2.1', '192.0.2.2', '2001:db8::1'])
})

test('a name that DNS does not know may be known to this machine', async () => {
  const address = await nameServer(question => answerTo(question, NO_SUCH_NAME))
  expect(await resolveHost('localhost', [address])).toContain('127.0.0.1')
})

test('name servers that do not respond fail in time, and delay no file', async () => {
  const address = await nameServer(() => undefined)
  const order: string[] = []
  const asked = Array.from({ length: 20 }, (_, i) => resolveHost(`hook-${i}.example`, [address]))
  const failed = Promise.allSettled(asked).then(answers => {
    order.push('answers')
    return answers
  })
  await stat('.').then(() => order.push('file'))
  expect((await failed).every(({ status }) => status === 'rejected')).toBe(true)
  expect(order).toEqual(['file', 'answers'])
})
