import type { Detection } from '../detection.js'
import { area, type Box, type Size } from '../geometry.js'
import { suppress } from '../merge/suppress.js'
import type { ViewTask } from '../plan/plan.js'
import type { Pass } from '../plan/profile.js'
import { tiles } from '../plan/tiles.js'
import { coarserPass, type PassAround, partsAround, passOver } from './around.js'
import { lookCloser } from './closer.js'
import { runFrame, type Seen } from './frame.js'
import type { InputMemory } from './input.js'
import type { Run } from './networks.js'

/** For networks that give no duplicates of their own. */
const NO_DUPLICATES = { iou: 1, inside: 1 }
const BETWEEN_TILES = { iou: 0.6, inside: 1 }

/**
 * Runs a network over a view: boxes of the requested classes in px of the view, with calibrated
 * scores, after the network's own NMS and its closer looks.
 */
export async function runPass(viewTask: ViewTask, run: Run, memory: InputMemory): Promise<Detection[]> {
  const { pass, closer } = run
  const found = isAround(pass) ? await searchAround(viewTask, run, pass, memory) : await searchFrames(viewTask, run, memory)
  return closer ? lookCloser(found, viewTask, run, closer, memory) : found
}

/** A frame of a view and the pass over it. */
interface Look {
  frame: Box
  pass: Pass
}

async function searchFrames(viewTask: ViewTask, run: Run, memory: InputMemory): Promise<Detection[]> {
  const { pass } = run
  const looks = framesOf(viewTask.view.size, pass).map(frame => ({ frame, pass }))
  return runLooks(looks, viewTask, run, memory)
}

/** Searches a view coarsely, then closely where that finds something. */
async function searchAround(viewTask: ViewTask, run: Run, pass: PassAround, memory: InputMemory): Promise<Detection[]> {
  const { view, enlarge } = viewTask
  const coarse = await runLooks([{ frame: wholeOf(view.size), pass: coarserPass(pass) }], viewTask, run, memory)
  const parts = partsAround(coarse, view.size, pass, enlarge)
  const looks = parts.map(frame => ({ frame, pass: passOver(frame, view.size, pass) }))
  const close = await runLooks(looks, viewTask, run, memory)
  // Each with a closer look of its own: what the two take for the box may differ.
  return pass.around.counts ? [...coarse, ...close] : close
}

async function runLooks(looks: readonly Look[], viewTask: ViewTask, run: Run, memory: InputMemory): Promise<Detection[]> {
  const { iou, inside = 1 } = run.network.manifest.nms ?? (looks.length > 1 ? BETWEEN_TILES : NO_DUPLICATES)
  const found: Detection[] = []
  for (const { frame, pass } of looks) {
    const seen = suppress(await runFrame(viewTask, frame, { ...run, pass }, memory), { iou, inside })
    found.push(...seen.map(withOutline))
  }
  return looks.length > 1 ? suppress(found, { iou, inside }) : found
}

function isAround(pass: Pass): pass is PassAround {
  return pass.around !== undefined
}

/** A mask that covers less of its box has most likely missed the object. */
const MIN_COVER = 0.25

function withOutline({ outline: compute, ...detection }: Seen): Detection {
  const outline = compute?.()
  if (!outline) return detection
  const [x1, y1, x2, y2] = outline.frame
  const cell = ((x2 - x1) * (y2 - y1)) / outline.values.length
  const covered = outline.values.reduce((count, value) => count + Number(value > 0), 0) * cell
  return covered < MIN_COVER * area(detection.box) ? detection : { ...detection, outlines: [outline] }
}

/** The whole view, or the tiles of the pass. */
function framesOf(size: Size, { tile, overlap = 0 }: Run['pass']): Box[] {
  if (tile === undefined) return [wholeOf(size)]
  const side = Math.max(1, Math.round(Math.max(size.width, size.height) * tile))
  return tiles(size, side, Math.floor(side * overlap))
}

function wholeOf({ width, height }: Size): Box {
  return [0, 0, width, height]
}
