/**
 * Run in a sandbox to see whether it works: our own and the native modules load, and what they say
 * arrives.
 */
import '@obscura/contract/parameters'
import 'sharp'
import 'onnxruntime-node'

process.stdout.write('works')
