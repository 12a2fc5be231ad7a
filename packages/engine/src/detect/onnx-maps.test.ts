import { describe, expect, test } from 'vitest'
import { field } from './onnx-fields.js'
import { joinedMaps } from './onnx-maps.js'

const node = (operator: string, inputs: string[], output: string) =>
  field(1, [...inputs.map(name => field(1, name)), field(2, output), field(4, operator)])
const model = (...nodes: Uint8Array[]) => field(7, nodes)

const maps = ['a', 'b', 'c'].map(name => node('Concat', ['image'], name))
const rows = ['a', 'b', 'c'].map(name => node('Reshape', [name, 'shape'], `rows of ${name}`))
const joined = node('Concat', ['rows of a', 'rows of b', 'rows of c'], 'joined')
const end = node('Transpose', ['joined'], 'output')

test('the maps of a detector are found where its end only joins them', () => {
  const file = model(...maps, ...rows, joined, end, node('Identity', ['output'], 'same'))
  expect(joinedMaps(file, 'output')).toEqual(['a', 'b', 'c'])
  expect(joinedMaps(file, 'same')).toEqual(['a', 'b', 'c'])
})

describe('none are found', () => {
  test.each([
    ['in an empty model', model()],
    ['where boxes are computed from the rows', model(...maps, ...rows, joined, node('Mul', ['joined'], 'output'))],
    ['where maps are joined otherwise', model(...maps, node('Concat', ['a', 'b', 'c'], 'joined'), end)],
    ['where a map is an input', model(...maps.slice(1), ...rows, joined, end)],
    ['where a value is made of itself', model(node('Transpose', ['output'], 'output'))],
    ['where nodes have no inputs', model(node('Reshape', [], 'rows of a'), node('Concat', ['rows of a'], 'joined'), end)],
  ])('%s', (_, file) => expect(joinedMaps(file, 'output')).toEqual([]))
})
