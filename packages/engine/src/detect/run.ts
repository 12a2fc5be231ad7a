import type { Detection } from '../detection.js'
import type { Box, Size } from '../geometry.js'
import { suppress } from '../merge/suppress.js'
import type { ViewTask } from '../plan/plan.js'
import { tiles } from '../plan/tiles.js'
import { lookCloser } from './closer.js'
import { runFrame } from './frame.js'
import type { InputMemory } from './input.js'
import type { Run } from './networks.js'

/**
 * Runs a network over a view: boxes of the requested classes in px of the view, with calibrated
 * scores, after the network's own NMS and its closer looks.
 */
export async function runPass(viewTask: ViewTask, run: Run, memory: InputMemory): Promise<Detection[]> {
  const { nms } = run.network.manifest
  const found: Detection[] = []
  const frames = framesOf(viewTask.view.size, run.pass)
  for (const frame of frames) found.push(...(await runFrame(viewTask, frame, run, memory)))
  const kept = suppress(found, { iou: nms.iou, inside: nms.inside ?? 1 })
  return run.closer ? lookCloser(kept, viewTask, run, run.closer, memory) : kept
}

/** The whole view, or the tiles of the pass. */
function framesOf(size: Size, { tile, overlap = 0 }: Run['pass']): Box[] {
  if (tile === undefined) return [[0, 0, size.width, size.height]]
  const side = Math.max(1, Math.round(Math.max(size.width, size.height) * tile))
  return tiles(size, side, Math.floor(side * overlap))
}
