/**
 * What is checked in and changed of an ONNX file before it is loaded; field numbers are
 * onnx.proto's.
 */
import { type Field, field, fieldsOf, NoOnnxError, numberField, textOf } from './onnx-fields.js'

/** Which fields of a message hold messages of which kind. */
const MESSAGES: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  model: { 7: 'graph', 20: 'training', 25: 'function' },
  training: { 1: 'graph', 2: 'graph' },
  function: { 7: 'node', 11: 'attribute' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  tensor: {},
}
const GRAPH = 7
const NODE = { input: 1, output: 2, attribute: 5 }
const TENSOR = { name: 8, externalData: 13, dataLocation: 14 }
const IN_GRAPH = { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13 }

/** Graphs within graphs, at most. */
const MAX_DEPTH = 64

/** At byte 4 of a file in the format of ONNX Runtime, which loads it whatever else it may be. */
const RUNTIME_FORMAT = 'ORTM'

/**
 * Refuses a model whose weights lie in other files: these would be read unchecked, from wherever it
 * says.
 * @throws Error that says what to do; NoOnnxError
 */
export function refuseExternalData(model: Uint8Array): void {
  if (Buffer.from(model.subarray(4, 8)).toString('latin1') === RUNTIME_FORMAT)
    throw new NoOnnxError('it is in the format of ONNX Runtime (.ort): save it as ONNX')
  for (const { number, value } of tensorFields(model, 'model', 0)) {
    if (number === TENSOR.externalData || (number === TENSOR.dataLocation && value !== 0)) {
      throw new Error('its weights lie in other files: save it again as one file (onnx.save_model, save_as_external_data=False)')
    }
  }
}

function* tensorFields(bytes: Uint8Array, kind: string, depth: number): Generator<Field> {
  if (depth > MAX_DEPTH) throw new NoOnnxError('its graph is nested too deeply')
  for (const inner of fieldsOf(bytes)) {
    const next = MESSAGES[kind][inner.number]
    if (kind === 'tensor') yield inner
    else if (next) yield* tensorFields(inner.content, next, depth + 1)
  }
}

/**
 * Makes inner values the outputs of a model: what follows is dropped, and the input takes any
 * height and width.
 * @param input name of the image input
 * @throws Error when there is no such value or the input does not lead to it; NoOnnxError
 */
export function cutModel(model: Uint8Array, outputs: readonly string[], input: string): Uint8Array {
  const parts = [...fieldsOf(model)].map(part =>
    part.number === GRAPH ? field(GRAPH, cutGraph(part.content, outputs, input)) : part.whole,
  )
  return Buffer.concat(parts)
}

function cutGraph(graph: Uint8Array, outputs: readonly string[], input: string): Uint8Array[] {
  const fields = [...fieldsOf(graph)]
  const { nodes, needed } = ancestors(
    fields.filter(({ number }) => number === IN_GRAPH.node),
    outputs,
  )
  if (!needed.has(input)) throw new Error(`its input "${input}" does not lead to ${outputs.join(', ')}`)
  const kept = fields.filter(part => {
    if (part.number === IN_GRAPH.node) return nodes.has(part)
    if (part.number === IN_GRAPH.initializer) return needed.has(nameOf(part, TENSOR.name))
    if (part.number === IN_GRAPH.input) return nameOf(part, 1) !== input && needed.has(nameOf(part, 1))
    return part.number !== IN_GRAPH.output && part.number !== IN_GRAPH.valueInfo
  })
  return [
    ...kept.map(({ whole }) => whole),
    floats(IN_GRAPH.input, input, [1, 3, 'height', 'width']),
    ...outputs.map(name => floats(IN_GRAPH.output, name)),
  ]
}

/**
 * The nodes that values depend on, which are listed after their inputs, and all names that they
 * read.
 */
function ancestors(listed: readonly Field[], names: readonly string[]): { nodes: Set<Field>; needed: Set<string> } {
  const nodes = new Set<Field>()
  const needed = new Set(names)
  const made = new Set<string>()
  for (const node of listed.toReversed()) {
    const own = [...fieldsOf(node.content)].filter(({ number }) => number === NODE.output).map(textOf)
    if (!own.some(name => needed.has(name))) continue
    nodes.add(node)
    for (const name of own) made.add(name)
    for (const name of namesRead(node.content, 0)) needed.add(name)
  }
  const missing = names.filter(name => !made.has(name))
  if (missing.length > 0) throw new Error(`it has no value ${missing.map(name => `"${name}"`).join(', ')}`)
  return { nodes, needed }
}

/** What a node and the graphs in its attributes read. */
function* namesRead(node: Uint8Array, depth: number): Generator<string> {
  if (depth > MAX_DEPTH) throw new NoOnnxError('its graph is nested too deeply')
  for (const part of fieldsOf(node)) {
    if (part.number === NODE.input) yield textOf(part)
    if (part.number !== NODE.attribute) continue
    for (const { number, content } of fieldsOf(part.content)) {
      if (MESSAGES.attribute[number] !== 'graph') continue
      for (const inner of fieldsOf(content)) {
        if (inner.number === IN_GRAPH.node) yield* namesRead(inner.content, depth + 1)
        if (inner.number === IN_GRAPH.output) yield nameOf(inner, 1)
      }
    }
  }
}

function nameOf({ content }: Field, number: number): string {
  const name = [...fieldsOf(content)].find(part => part.number === number)
  return name ? textOf(name) : ''
}

/**
 * A float32 input or output: ValueInfoProto { name, type { tensorType { elemType, shape { dim } } }
 * }.
 */
function floats(number: number, name: string, sizes?: readonly (number | string)[]): Uint8Array {
  const dimensions = sizes?.map(size => field(1, [typeof size === 'number' ? numberField(1, size) : field(2, size)]))
  const tensor = [numberField(1, 1), ...(dimensions ? [field(2, dimensions)] : [])]
  return field(number, [field(1, name), field(2, [field(1, tensor)])])
}
