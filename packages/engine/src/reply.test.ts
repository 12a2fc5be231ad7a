import { expect, test } from 'vitest'
import { checkedReply } from './reply.js'

const output = {
  format: 'jpeg',
  width: 20,
  height: 10,
  image: Buffer.from('image'),
  detections: [{ class: 'face', score: 0.9, box: [1, 2, 3, 4], anonymised: true }],
  warnings: [],
  timings: { decode: 12.5 },
  device: 'cpu',
}

test.each([
  ['an output', { output }],
  ['an output without an image', { output: { ...output, image: undefined } }],
  ['an error', { error: { code: 'IMAGE_DEFECT', message: 'It is broken.' } }],
  ['spent', 'spent'],
])('%s is taken as it is', (_, reply) => {
  expect(checkedReply(reply)).toBe(reply)
})

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['a word', 'escape'],
  ['an empty answer', {}],
  ['no output', { output: null }],
  ['a format that leads elsewhere', { output: { ...output, format: '../../admin' } }],
  ['a format that only looks like one', { output: { ...output, format: ['jpeg'] } }],
  ['a size that is not a number', { output: { ...output, width: '20' } }],
  ['a size below one', { output: { ...output, height: 0 } }],
  ['an image that is not bytes', { output: { ...output, image: 'text' } }],
  ['a class that does not exist', { output: { ...output, detections: [{ ...output.detections[0], class: '__proto__' }] } }],
  ['a box of three numbers', { output: { ...output, detections: [{ ...output.detections[0], box: [1, 2, 3] }] } }],
  ['a score that is not finite', { output: { ...output, detections: [{ ...output.detections[0], score: Number.NaN }] } }],
  ['timings that are not numbers', { output: { ...output, timings: { decode: {} } } }],
  ['a list that claims four thousand million entries', { output: { ...output, detections: new Array(4e9) } }],
  ['a text of megabytes', { output: { ...output, warnings: ['x'.repeat(1e6)] } }],
  ['a cause that does not exist', { error: { code: 'ADMIN', message: '' } }],
  ['a message that is not a string', { error: { code: 'IMAGE_DEFECT', message: {} } }],
])('%s is refused', (_, reply) => {
  expect(() => checkedReply(reply)).toThrow('sent an invalid reply')
})
