/**
 * UltraFace's published ONNX file without its end: softmax and decoding there are tied to one input
 * size.
 */
import type { onnx } from 'onnx-proto'
import protocol from 'onnx-proto'
import { tensor as declared } from './onnx.js'

/**
 * The two concatenations over all levels before softmax and decoding: logits 1 x N x 2 and offsets
 * 1 x N x 4.
 */
const outputs: Readonly<Record<string, number>> = { '461': 2, '462': 4 }

/**
 * Cuts the model and frees its height and width.
 * @param model the encoded original (input 1 x 3 x 240 x 320).
 * @param tensor name of the input, as the original has it.
 * @throws Error when the file has no such input or outputs.
 */
export function cutUltraFace(model: Uint8Array, tensor: string): Uint8Array {
  const decoded = protocol.onnx.ModelProto.decode(model)
  const graph = decoded.graph ?? {}
  const { node, needed } = ancestors(graph.node ?? [], Object.keys(outputs))
  if (!needed.has(tensor)) throw new Error(`no input ${tensor} leads to the outputs ${Object.keys(outputs).join(', ')}`)
  graph.node = node
  graph.initializer = graph.initializer?.filter(({ name }) => needed.has(name!))
  graph.input = [declared(tensor, [1, 3, 'height', 'width'])]
  graph.output = Object.entries(outputs).map(([name, size]) => declared(name, [1, 'boxes', size]))
  graph.valueInfo = []
  return protocol.onnx.ModelProto.encode(decoded).finish()
}

/**
 * The nodes that the named values depend on, and the names of all values those read. Nodes are
 * listed after their inputs.
 */
function ancestors(nodes: onnx.INodeProto[], names: string[]): { node: onnx.INodeProto[]; needed: Set<string> } {
  const needed = new Set(names)
  const node = nodes.toReversed().filter(({ input, output }) => {
    if (!output?.some(name => needed.has(name))) return false
    for (const name of input ?? []) needed.add(name)
    return true
  })
  return { node: node.reverse(), needed }
}
