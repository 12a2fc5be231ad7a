import type { Detection } from '../detection.js'
import { area, type Box, clip } from '../geometry.js'
import type { ViewTask } from '../plan/plan.js'
import { innerBorders, isCut } from '../plan/view.js'
import { calibrate, rawScore } from '../score.js'
import { decode } from './decoders/table.js'
import { type InputMemory, prepare } from './input.js'
import type { Run } from './networks.js'

/** Calibrated scores below this cannot raise the mean of several passes to a usual threshold. */
const FLOOR = 0.05

/**
 * A box that ends within this many px of a border inside the view is cut; the next tile of the pass
 * contains it whole.
 */
const CUT_MARGIN = 2

/**
 * Runs a network over a part of a view: boxes of the requested classes in px of the view, with
 * calibrated scores, before the network's NMS.
 */
export async function runFrame(
  { view, classes, enlarge }: ViewTask,
  frame: Box,
  { network, pass, calibration }: Run,
  memory: InputMemory,
) {
  const { manifest, session, takesBytes } = network
  const limit = Math.min(pass.enlarge ?? Number.POSITIVE_INFINITY, enlarge)
  const form = { layout: manifest.input, takesBytes }
  const input = await prepare(view, frame, form, { longSide: pass.longSide, enlarge: limit }, memory)
  const outputs = await session.run({ [manifest.input.tensor]: input.tensor })
  const indices = Object.keys(manifest.classes)
    .map(Number)
    .filter(index => classes.includes(manifest.classes[index]))
  const floor = Math.min(...indices.map(index => rawScore(FLOOR, calibration[manifest.classes[index]])))
  const raw = decode(manifest.decoder, { outputs, input: input.size, indices, floor })
  const inner = innerBorders(frame, view.size)
  const found: Detection[] = []
  for (const { index, score: uncalibrated, box } of raw) {
    const name = manifest.classes[index]
    const score = calibrate(uncalibrated, calibration[name])
    if (score < FLOOR) continue
    if (pass.largest !== undefined && area(box) >= pass.largest ** 2) continue
    const located = clip(input.locate(box), view.size)
    if (located[2] - located[0] < 1 || located[3] - located[1] < 1) continue
    if (isCut(located, frame, inner, CUT_MARGIN)) continue
    found.push({ class: name, score, box: located })
  }
  return found
}
