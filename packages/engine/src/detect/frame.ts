import { type Detection, isOutlined, type Outline } from '../detection.js'
import { area, type Box, clip } from '../geometry.js'
import { isVisible } from '../merge/on-plane.js'
import type { ViewTask } from '../plan/plan.js'
import { innerBorders, isCut } from '../plan/view.js'
import { calibrate, rawScore } from '../score.js'
import type { RawMask } from './decoders/decoder.js'
import { decode } from './decoders/table.js'
import { type InputMemory, locate, type Place, prepare } from './input.js'
import type { Run } from './networks.js'

/** Calibrated scores below this cannot raise the mean of several passes to a usual threshold. */
const FLOOR = 0.05

/**
 * A box that ends within this many px of a border inside the view is cut; the next tile of the pass
 * contains it whole.
 */
const CUT_MARGIN = 2

/** A detection and the function that computes its mask, in px of the view. */
export interface Seen extends Detection {
  outline?: () => Outline
}

/**
 * Runs a network over a part of a view: boxes of the requested classes in px of the view, with
 * calibrated scores, before the network's NMS.
 */
export async function runFrame({ view, classes, enlarge }: ViewTask, frame: Box, run: Run, memory: InputMemory): Promise<Seen[]> {
  const { network, pass, calibration } = run
  const { manifest, session, takesBytes } = network
  const limit = Math.min(pass.enlarge ?? Number.POSITIVE_INFINITY, enlarge)
  const form = { layout: manifest.input, takesBytes }
  const wishes = { longSide: pass.longSide, enlarge: limit, mirror: pass.mirror }
  const input = await prepare(view, frame, form, wishes, memory)
  const outputs = await session.run(input.feeds).catch((error: Error) => {
    throw new Error(`The model ${manifest.name} failed: ${error.message}`, { cause: error })
  })
  const indices = Object.keys(manifest.classes)
    .map(Number)
    .filter(index => classes.includes(manifest.classes[index]) && run.classes.includes(manifest.classes[index]))
  const floor = Math.min(...indices.map(index => rawScore(FLOOR, calibration[manifest.classes[index]])))
  const raw = decode(manifest.decoder, { outputs, input: input.size, indices, floor })
  const inner = innerBorders(frame, view.size)
  const found: Seen[] = []
  for (const { index, score: uncalibrated, box, mask } of raw) {
    const name = manifest.classes[index]
    const score = calibrate(uncalibrated, calibration[name])
    if (score < FLOOR) continue
    if (pass.largest !== undefined && area(box) >= pass.largest ** 2) continue
    const located = clip(locate(box, input.place), view.size)
    if (!isVisible(located)) continue
    if (isCut(located, frame, inner, CUT_MARGIN)) continue
    found.push({
      class: name,
      score,
      box: located,
      ...(mask && isOutlined(name) && { outline: () => inView(mask(), input.place) }),
    })
  }
  return found
}

function inView({ frame, width, height, values }: RawMask, place: Place): Outline {
  if (place.mirror) for (let y = 0; y < height; y++) values.subarray(y * width, (y + 1) * width).reverse()
  return { width, height, values, frame: locate(frame, place) }
}
