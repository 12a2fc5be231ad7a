import type { Detection } from '../detection.js'
import { type Box, clip, enclose, iou, type Size } from '../geometry.js'
import { byScore } from '../merge/suppress.js'
import type { ViewTask } from '../plan/plan.js'
import { logit, sigmoid } from '../score.js'
import { runFrame } from './frame.js'
import type { InputMemory } from './input.js'
import type { Closer } from './installed.js'
import type { Run } from './networks.js'

/** A box found in a closer look is the same object from this IoU on. */
const SAME = 0.3

/** The score of a look that finds nothing. */
export const NOTHING = 0.02

/**
 * Looks at each box again, so enlarged that all are of one size, where a network errs differently
 * than in the whole view: the weighted logits of all looks give the score, and the box is extended
 * to contain those of the looks. Boxes with too low a score are dropped.
 */
export async function lookCloser(
  found: readonly Detection[],
  viewTask: ViewTask,
  run: Run,
  closer: Closer,
  memory: InputMemory,
): Promise<Detection[]> {
  const closeLook = { ...viewTask, enlarge: Number.POSITIVE_INFINITY }
  const kept: Detection[] = []
  for (const detection of found) {
    if (detection.score < closer.from) continue
    let { box } = detection
    let sum = closer.weight * logit(detection.score) + closer.bias
    for (const { window, longSide, weight } of closer.looks) {
      const { frame, side } = windowAround(detection.box, window * widthOf(detection.box), viewTask.view.size)
      const pass = { longSide: Math.max(1, Math.round((longSide * Math.max(frame[2] - frame[0], frame[3] - frame[1])) / side)) }
      const seen = await runFrame(closeLook, frame, { ...run, pass }, memory)
      const [best] = seen
        .filter(({ class: name, box }) => name === detection.class && iou(box, detection.box) >= SAME)
        .sort(byScore)
      sum += weight * logit(Math.max(NOTHING, best?.score ?? 0))
      if (best) box = enclose(box, best.box)
    }
    kept.push({ ...detection, score: sigmoid(sum), box })
  }
  return kept
}

/** The width of a plate, also where it is seen at an angle. */
function widthOf([x1, y1, x2, y2]: Box): number {
  return Math.max(x2 - x1, 1.6 * (y2 - y1))
}

/** The square around a box, in whole px, and what of it is in the view. */
export function windowAround([x1, y1, x2, y2]: Box, length: number, size: Size): { frame: Box; side: number } {
  const side = Math.max(8, length)
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2]
  const square: Box = [x - side / 2, y - side / 2, x + side / 2, y + side / 2]
  return { frame: clip(square.map(Math.round) as unknown as Box, size), side }
}
