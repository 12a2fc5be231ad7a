import { describe, expect, it } from 'vitest'
import { field, numberField } from './onnx-fields.js'
import { refuseExternalData } from './onnx-file.js'

const GRAPH = 7
const INITIALIZER = 5
const elsewhere = field(13, [field(1, 'location'), field(2, '../../etc/passwd')])
const model = (...initializers: Uint8Array[]) => field(GRAPH, initializers)
const tensor = (...more: Uint8Array[]) => field(INITIALIZER, [numberField(1, 4), field(8, 'weights'), ...more])
/** A model that only holds a subgraph in a subgraph ... */
const nested = (depth: number): Uint8Array =>
  depth === 0 ? field(1, [field(5, [field(5, [elsewhere])])]) : field(1, [field(5, [field(6, [nested(depth - 1)])])])

/** The first tag, written in five bytes of which only the lowest 32 bits count in some programs. */
const overlong = (bytes: Uint8Array) => Buffer.concat([Buffer.from([bytes[0] | 128, 128, 128, 128, 16]), bytes.subarray(1)])

describe('a model whose weights lie in other files is refused', () => {
  it.each([
    ['in an initializer', model(tensor(elsewhere))],
    ['by its place alone', model(tensor(numberField(14, 1)))],
    ['in a sparse initializer', field(GRAPH, [field(15, [field(2, [elsewhere])])])],
    ['in a graph in graphs', field(GRAPH, [nested(5)])],
    ['in a function', field(25, [field(7, [field(5, [field(5, [elsewhere])])])])],
    ['in what it is trained with', field(20, [field(1, [tensor(elsewhere)])])],
    ['in a second graph', Buffer.concat([model(tensor()), model(tensor(elsewhere))])],
  ])('%s', (_, file) => {
    expect(() => refuseExternalData(file)).toThrow('its weights lie in other files')
  })

  it.each([
    ['behind a tag of more than 32 bits', model(overlong(tensor(elsewhere)))],
    ['in a graph behind such a tag', overlong(model(tensor(elsewhere)))],
    ['behind a group', Buffer.concat([Buffer.from([11, 12]), model(tensor(elsewhere))])],
    ['in graphs a hundred deep', field(GRAPH, [nested(100)])],
    ['in the format of ONNX Runtime', Buffer.concat([Buffer.from([10, 132, 128, 0]), Buffer.from('ORTM')])],
    ['in a field longer than the file', Buffer.from([58, 255, 255, 255, 255, 7])],
  ])('%s, where it may not be seen', (_, file) => {
    expect(() => refuseExternalData(file)).toThrow(/it is not an ONNX file|nested too deeply|format of ONNX Runtime/)
  })

  it('one with all its weights is not', () => {
    refuseExternalData(model(tensor(field(9, [new Uint8Array(16)]))))
  })
})
