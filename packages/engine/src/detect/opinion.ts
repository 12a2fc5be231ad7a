import type { ObjectClass } from '@obscura/contract/parameters'
import type { Detection } from '../detection.js'
import { clip, enclose, grow as enlarge, iou } from '../geometry.js'
import { byScore } from '../merge/suppress.js'
import type { ViewTask } from '../plan/plan.js'
import type { Opinion } from '../plan/profile.js'
import { logit, sigmoid } from '../score.js'
import { NOTHING, windowAround } from './closer.js'
import { runFrame } from './frame.js'
import type { InputMemory } from './input.js'
import { type Networks, runsFor } from './networks.js'

/** A box found in a look is the same object from this IoU on. */
const SAME = 0.4

/**
 * What a look would give a box that needs none: with it, thresholds above the default ones let as
 * many false detections pass as with all looks.
 */
const UNASKED = 0.25

/**
 * Has each fused box of class `name` of which it matters looked at again, see {@link Opinion}.
 * Without the network, all boxes stay as they are.
 * @param fused boxes in px of the view
 */
export async function secondOpinion(
  fused: readonly Detection[],
  name: ObjectClass,
  viewTask: ViewTask,
  networks: Networks,
  { model, from, ask, least, grow, to, window, weight, bias }: Opinion,
  memory: InputMemory,
): Promise<Detection[]> {
  const run = runsFor(networks, [name], 'whole').find(
    ({ network, classes }) => network.manifest.name === model && classes.includes(name),
  )
  if (!run) return [...fused]
  const { size } = viewTask.view
  const kept: Detection[] = []
  for (const detection of fused) {
    const { score: before, box } = detection
    if (before < from) continue
    if (before > to) {
      kept.push(detection)
      continue
    }
    const judged = (look: number) => sigmoid(logit(before) + weight * logit(look) + bias)
    const longSide = Math.max(box[2] - box[0], box[3] - box[1])
    if (before > ask || longSide < least * Math.max(size.width, size.height)) {
      kept.push({ ...detection, score: before > ask ? judged(UNASKED) : before, box: clip(enlarge(box, grow, grow), size) })
      continue
    }
    const { frame } = windowAround(box, window * longSide, size)
    const seen = await runFrame({ ...viewTask, classes: [name] }, frame, { ...run, pass: {} }, memory)
    const [best] = seen.filter(({ class: of, box: found }) => of === name && iou(found, box) >= SAME).sort(byScore)
    kept.push({ ...detection, score: judged(Math.max(NOTHING, best?.score ?? 0)), box: best ? enclose(box, best.box) : box })
  }
  return kept
}
