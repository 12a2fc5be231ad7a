import { fieldsOf, textOf } from './onnx-fields.js'

/** Field numbers of onnx.proto. */
const GRAPH = 7
const NODES = 1
const NODE = { input: 1, output: 2, operator: 4 }

interface Node {
  operator: string
  inputs: string[]
}

/**
 * The maps of a detector, level by level, where the end of its graph does nothing but join them to
 * one tensor of rows: Transpose(Concat(Reshape(map), Reshape(map), ...)), as YOLOX's export has it.
 * With these as outputs (`cut` of a manifest) the network takes any size.
 * @returns the names of the values, none where the graph ends otherwise
 * @throws NoOnnxError
 */
export function joinedMaps(model: Uint8Array, output: string): string[] {
  const makers = nodesByOutput(model)
  const inputsOf = (value: string | undefined, operator: string) => {
    const node = value === undefined ? undefined : makers.get(value)
    return node?.operator === operator ? node.inputs : []
  }
  const [joined] = inputsOf(inputsOf(output, 'Identity')[0] ?? output, 'Transpose')
  const maps = inputsOf(joined, 'Concat').map(rows => inputsOf(rows, 'Reshape')[0])
  return maps.every(map => map !== undefined && makers.has(map)) ? maps : []
}

function nodesByOutput(model: Uint8Array): Map<string, Node> {
  const makers = new Map<string, Node>()
  for (const graph of fieldsOf(model)) {
    if (graph.number !== GRAPH) continue
    for (const node of fieldsOf(graph.content)) {
      if (node.number !== NODES) continue
      const parts = [...fieldsOf(node.content)]
      const texts = (number: number) => parts.filter(part => part.number === number).map(textOf)
      const [operator = ''] = texts(NODE.operator)
      for (const name of texts(NODE.output)) makers.set(name, { operator, inputs: texts(NODE.input) })
    }
  }
  return makers
}
