/** The program of a process that looks at one ONNX file: what it says may be of anyone. */
import { serveParent } from '../channel.js'
import { readInside } from '../detect/inside.js'
import { refuseExternalData } from '../detect/onnx-file.js'
import { joinedMaps } from '../detect/onnx-maps.js'
import { openSession } from '../detect/session.js'
import type { InspectReply, InspectRequest, Tensor } from './protocol.js'

/** What protocol buffers hold at most. */
const MAX_BYTES = 2 ** 31 - 1

serveParent<InspectRequest, InspectReply>(async ({ folder, file }, respond) => {
  try {
    const bytes = await readInside(folder, file, MAX_BYTES)
    refuseExternalData(bytes)
    const started = performance.now()
    const { inputMetadata, outputMetadata } = await openSession(bytes, { threads: 1 })
    const loadMs = performance.now() - started
    const outputs = outputMetadata.map(tensorOf)
    const maps = outputs.length === 1 ? joinedMaps(bytes, outputs[0].name) : []
    respond({ inputs: inputMetadata.map(tensorOf), outputs, maps, loadMs })
  } catch (error) {
    respond({ error: error instanceof Error ? error.message : String(error) })
  }
})

function tensorOf(metadata: { name: string; isTensor: boolean; type?: string; shape?: readonly (number | string)[] }): Tensor {
  const { name, type = '', shape = [] } = metadata
  return { name, type, shape: [...shape] }
}
