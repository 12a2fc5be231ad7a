/** Runs in a sandbox to test whether it works: native modules load, and their output arrives. */
import 'sharp'
import 'onnxruntime-node'

process.stdout.write('works')
