/** From published files to ONNX, by the converter that a manifest names. */
import { posix } from 'node:path'
import { buildFaceDetector } from './face-api.js'
import type { Build } from './sources.js'
import { convertGraph } from './tfjs/convert.js'
import type { GraphModel } from './tfjs/graph.js'
import { cutUltraFace } from './ultraface.js'
import { decodeWeights, type WeightGroup } from './weights.js'

type Files = ReadonlyMap<string, Uint8Array>

const converters: Record<Build['converter'], (build: Build, files: Files, tensor: string) => Uint8Array> = {
  tfjs({ graph, sources }, files, tensor) {
    if (graph === undefined) throw new Error('the converter tfjs requires build.graph')
    const model = readJson<GraphModel>(files, sources[0].path)
    const weights = decodeWeights(model.weightsManifest, shardsBeside(sources[0].path, files))
    return convertGraph(model, weights, tensor, graph)
  },
  'face-api'({ sources }, files, tensor) {
    const groups = readJson<WeightGroup[]>(files, sources[0].path)
    return buildFaceDetector(decodeWeights(groups, shardsBeside(sources[0].path, files)), tensor)
  },
  ultraface: ({ sources }, files, tensor) => cutUltraFace(files.get(sources[0].path)!, tensor),
}

/**
 * Converts a model.
 * @param files its sources, by path; the first is the graph or the weight manifest.
 * @param tensor name of the ONNX input.
 * @throws Error saying what in the files cannot be converted.
 */
export function convert(build: Build, files: Files, tensor: string): Uint8Array {
  return converters[build.converter](build, files, tensor)
}

function readJson<T>(files: Files, path: string): T {
  return JSON.parse(Buffer.from(files.get(path)!).toString()) as T
}

/** Weight shards lie in the folder of the file that lists them. */
function shardsBeside(manifest: string, files: Files): (path: string) => Uint8Array {
  return path => {
    const bytes = files.get(posix.join(posix.dirname(manifest), path))
    if (bytes === undefined) throw new Error(`${path} is not among build.sources`)
    return bytes
  }
}
