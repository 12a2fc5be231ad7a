/**
 * Made the reference outputs in this folder: the published weights, run by the libraries they were
 * published for. To make them again, in an empty folder: npm install @tensorflow/tfjs@4.22.0 &&
 * node <this file> <models folder>. Takes about a minute.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const models = process.argv[2]
const require = createRequire(join(process.cwd(), 'package.json'))
const tf = require('@tensorflow/tfjs')
await tf.setBackend('cpu')

/**
 * The synthetic image, N x C x H x W: slow waves and a fine texture, about -1.5 to 1.5. The tests
 * have the same formula.
 */
function pattern(height, width) {
  const data = new Float32Array(3 * height * width)
  let i = 0
  for (let c = 0; c < 3; c++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        data[i++] = Math.sin(x / 7 + c) * Math.cos(y / 11) + ((31 * x + 17 * y + 7 * c) % 13) / 13 - 0.5
  return tf.tensor(data, [1, 3, height, width])
}

/** Sixty values spread over a tensor, and the mean of all magnitudes. */
function sample(tensor) {
  const data = tensor.dataSync()
  const values = Array.from({ length: 60 }, (_, i) => Number(data[Math.floor((i * data.length) / 60)].toPrecision(7)))
  const magnitude = Number((data.reduce((sum, value) => sum + Math.abs(value), 0) / data.length).toPrecision(7))
  return { shape: tensor.shape, magnitude, values }
}

function save(name, madeWith, input, outputs) {
  const text = JSON.stringify({ madeWith, input, outputs }, null, 2)
  writeFileSync(join(import.meta.dirname, `${name}.json`), `${text}\n`)
}

const read = path => readFileSync(join(models, 'node_modules', path))
const readAll = paths => new Uint8Array(Buffer.concat(paths.map(read))).buffer

async function graphModel(name) {
  const { build } = JSON.parse(readFileSync(join(models, 'manifests', `${name}.json`), 'utf8'))
  const file = `${build.package.replace(/@[^@]*$/, '')}/${build.sources[0].path}`
  const { modelTopology, weightsManifest } = JSON.parse(read(file).toString())
  const { node, shape, layout } = build.graph.input
  const model = await tf.loadGraphModel({
    load: async () => ({
      modelTopology,
      weightSpecs: weightsManifest.flatMap(group => group.weights),
      weightData: readAll(weightsManifest.flatMap(group => group.paths.map(path => `${dirname(file)}/${path}`))),
    }),
  })
  const [height, width] = layout === 'NHWC' ? shape.slice(1, 3) : shape.slice(2)
  const image = pattern(height, width)
  const names = Object.keys(build.graph.outputs)
  const results = model.execute(
    { [node]: layout === 'NHWC' ? image.transpose([0, 2, 3, 1]) : image },
    Object.values(build.graph.outputs),
  )
  save(
    name,
    `@tensorflow/tfjs ${tf.version.tfjs}, cpu`,
    [1, 3, height, width],
    Object.fromEntries(names.map((n, i) => [n, sample(results[i])])),
  )
}

async function faceApi() {
  // The library's build for Node, with the TensorFlow.js installed here in place of its native one.
  const library = join(process.cwd(), 'face-api.cjs')
  writeFileSync(
    library,
    read('@vladmandic/face-api/dist/face-api.node.js').toString().replaceAll('@tensorflow/tfjs-node', '@tensorflow/tfjs'),
  )
  const { nets, NetInput } = require(library)
  const [group] = JSON.parse(read('@vladmandic/face-api/model/ssd_mobilenetv1_model-weights_manifest.json').toString())
  const bytes = readAll(group.paths.map(path => `@vladmandic/face-api/model/${path}`))
  nets.ssdMobilenetv1.loadFromWeightMap(tf.io.decodeWeights(bytes, group.weights))
  // The library itself maps 0..255 to -1..1.
  const image = pattern(512, 512).transpose([0, 2, 3, 1]).add(1).mul(127.5)
  const { boxes, scores } = nets.ssdMobilenetv1.forwardInput(new NetInput([image]))
  save('ssd-face', '@vladmandic/face-api 1.7.15', [1, 3, 512, 512], { boxes: sample(boxes[0]), scores: sample(scores[0]) })
}

for (const name of ['blazeface', 'nanodet', 'ssdlite']) await graphModel(name)
await faceApi()
