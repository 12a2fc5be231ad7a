import type { Detection } from '../detection.js'
import { type Box, iou } from '../geometry.js'
import type { Fusion, Stage } from '../plan/profile.js'
import { calibrate } from '../score.js'
import { byScore, suppress } from './suppress.js'

/** A box of one class and the pass (0, 1, ...) that found it; its score is calibrated. */
export interface Candidate extends Detection {
  pass: number
}

interface Cluster {
  box: Box
  members: Candidate[]
}

/**
 * Fuses the boxes of one class from several passes over one view.
 *
 * `mean` is weighted boxes fusion (https://arxiv.org/abs/1910.13302): boxes of one object form a
 * cluster, its box is their mean weighted by score, its score the sum of each pass's best over the
 * number of passes run, so an object missed by a pass loses that pass's part of the score.
 */
export function fuse(candidates: readonly Candidate[], passes: number, fusion: Fusion, stage: Stage): Detection[] {
  const objects = fusion.combine === 'mean' ? average(candidates, passes, fusion.cluster) : candidates
  return suppress(
    objects.map(({ class: name, score, box, outlines }) => ({
      ...{ class: name, score: calibrate(score, fusion.final[stage]), box },
      ...(outlines && { outlines }),
    })),
    fusion,
  )
}

function average(candidates: readonly Candidate[], passes: number, limit: number): Detection[] {
  const clusters: Cluster[] = []
  for (const candidate of [...candidates].sort(byScore)) {
    const home = closest(clusters, candidate.box, limit)
    if (home) {
      home.members.push(candidate)
      home.box = meanBox(home.members)
    } else {
      clusters.push({ box: candidate.box, members: [candidate] })
    }
  }
  return clusters.map(({ box, members }) => {
    const best = new Map<number, number>()
    for (const { pass, score } of members) best.set(pass, Math.max(score, best.get(pass) ?? 0))
    const sum = [...best.values()].reduce((total, score) => total + score, 0)
    // Only the mask of the highest score: the union of several would be fuller than any.
    return { class: members[0].class, score: sum / passes, box, outlines: members.find(({ outlines }) => outlines)?.outlines }
  })
}

function closest(clusters: Cluster[], box: Box, limit: number): Cluster | undefined {
  let found: Cluster | undefined
  let most = limit
  for (const cluster of clusters) {
    const overlap = iou(cluster.box, box)
    if (overlap > most) {
      found = cluster
      most = overlap
    }
  }
  return found
}

function meanBox(members: readonly Candidate[]): Box {
  const total = members.reduce((sum, { score }) => sum + score, 0)
  const side = (k: 0 | 1 | 2 | 3) => members.reduce((sum, { score, box }) => sum + score * box[k], 0) / total
  return [side(0), side(1), side(2), side(3)]
}
