/** Run in a sandbox to see whether it works: the native modules load, and what they say arrives. */
import 'sharp'
import 'onnxruntime-node'

process.stdout.write('works')
