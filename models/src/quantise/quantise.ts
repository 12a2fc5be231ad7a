/** Float models of ONNX -> models that compute with 8 bits and take bytes. */
import type { Manifest } from '@obscura/engine/manifest'
import { clean } from './clean.js'
import { encodeGraph, type Graph, readGraph } from './graph.js'
import { takeBytes } from './input.js'
import { place } from './placement.js'
import type { Ranges } from './ranges.js'
import { write } from './write.js'

/** The graph whose values are measured and then stored in integers. */
export function prepare(model: Uint8Array, input: Manifest['input']): Graph {
  const graph = readGraph(model)
  clean(graph)
  takeBytes(graph, input)
  return graph
}

/**
 * Quantises a model. Its input becomes 1 x H x W x 4 of RGBX bytes, its outputs stay what they are.
 * @throws Error for a graph that the steps do not know, or a value without a range
 */
export function quantise(model: Uint8Array, input: Manifest['input'], ranges: Ranges): Uint8Array {
  const graph = prepare(model, input)
  write(graph, place(graph, ranges.float), ranges.values)
  return encodeGraph(graph)
}
