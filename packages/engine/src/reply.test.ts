import { expect, test } from 'vitest'
import { checkedReply } from './reply.js'

const region = { id: 0, class: 'face', score: 0.9, box: [1, 2, 3, 4], source: 'detector', shape: 'superellipse' }
const regions = (...list: unknown[]) => Buffer.from(JSON.stringify(list))

const output = {
  format: 'jpeg',
  width: 20,
  height: 10,
  image: Buffer.from('image'),
  detections: [{ class: 'face', score: 0.9, box: [1, 2, 3, 4], anonymised: true }],
  warnings: [],
  models: [{ name: 'net', sha256: 'a'.repeat(64), precision: 'int8' }],
  timings: { decode: 12.5 },
  device: 'cpu',
}

test.each([
  ['an output', { output }],
  ['an output without an image', { output: { ...output, image: undefined } }],
  ['an output with a preview', { output: { ...output, preview: Buffer.from('small') } }],
  ['an output with regions', { output: { ...output, regions: regions(region) } }],
  ['an error', { error: { code: 'IMAGE_DEFECT', message: 'It is broken.' } }],
  ['spent', 'spent'],
])('%s is taken as it is', (_, reply) => {
  expect(checkedReply(reply)).toBe(reply)
})

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['a word', 'escape'],
  ['an empty reply', {}],
  ['no output', { output: null }],
  ['a format that leads elsewhere', { output: { ...output, format: '../../admin' } }],
  ['a format that only looks like one', { output: { ...output, format: ['jpeg'] } }],
  ['a size that is not a number', { output: { ...output, width: '20' } }],
  ['a size below one', { output: { ...output, height: 0 } }],
  ['an image that is not bytes', { output: { ...output, image: 'text' } }],
  ['a preview that is not bytes', { output: { ...output, preview: 'text' } }],
  ['a preview of megabytes', { output: { ...output, preview: Buffer.alloc(1_000_001) } }],
  ['a class that does not exist', { output: { ...output, detections: [{ ...output.detections[0], class: '__proto__' }] } }],
  ['a box of three numbers', { output: { ...output, detections: [{ ...output.detections[0], box: [1, 2, 3] }] } }],
  ['a score that is not finite', { output: { ...output, detections: [{ ...output.detections[0], score: Number.NaN }] } }],
  ['models that are not strings', { output: { ...output, models: [{ name: 'net', sha256: 1, precision: 'int8' }] } }],
  ['a model of no precision', { output: { ...output, models: [{ name: 'net', sha256: 'a', precision: '8' }] } }],
  ['timings that are not numbers', { output: { ...output, timings: { decode: {} } } }],
  ['a list that claims four thousand million entries', { output: { ...output, detections: new Array(4e9) } }],
  ['a text of megabytes', { output: { ...output, warnings: ['x'.repeat(1e6)] } }],
  ['regions that are not JSON', { output: { ...output, regions: Buffer.from('[{') } }],
  ['a region with the ID of another', { output: { ...output, regions: regions(region, region) } }],
  ['regions of hundreds of megabytes', { output: { ...output, regions: Buffer.alloc(3e8, ' ') } }],
  ['a cause that does not exist', { error: { code: 'ADMIN', message: '' } }],
  ['a message that is not a string', { error: { code: 'IMAGE_DEFECT', message: {} } }],
])('%s is refused', (_, reply) => {
  expect(() => checkedReply(reply)).toThrow('sent an invalid reply')
})
