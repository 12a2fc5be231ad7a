/** How often an attacker who compares with a gallery of candidates picks the true one. */

/** What stands for a face or plate in a comparison. */
export type Feature = Float32Array

/** Euclidean distance. */
export function distance(a: Feature, b: Feature): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2
  return Math.sqrt(sum)
}

/**
 * One guess: how many of the strangers in the gallery look more like what was published than the
 * true candidate does.
 */
export interface Trial {
  nearer: number
  strangers: number
}

/**
 * Compares distances to what was published; who looks exactly as much alike as the truth comes
 * before or after it at random.
 */
export function trial(toTruth: number, toStrangers: readonly number[]): Trial {
  const nearer = toStrangers.filter(other => other < toTruth).length
  const equal = toStrangers.filter(other => other === toTruth).length
  return { nearer: nearer + Math.floor(Math.random() * (equal + 1)), strangers: toStrangers.length }
}

/**
 * The chance 0..1 that the truth is nearest in a gallery of `size`: itself and strangers drawn at
 * random from those of the trial (all of them where there are not as many).
 */
export function firstOf(size: number, { nearer, strangers }: Trial): number {
  let chance = 1
  for (let i = 0; i < Math.min(size - 1, strangers); i++) chance *= Math.max(0, strangers - nearer - i) / (strangers - i)
  return chance
}

/** How often an attack was right. */
export interface Figures {
  /**
   * Fractions 0..1 of the trials in which the truth came first among a number of candidates; all:
   * in the whole gallery.
   */
  first: { ten: number; hundred: number; all: number }
  /** Share in which it was among the first five of the whole gallery. */
  firstFive: number
  /**
   * Mean rank of the truth in the whole gallery, as a fraction of the mean rank by chance: 1 is no
   * knowledge at all.
   */
  meanRank: number
}

/** Means over trials. */
export function figuresOf(trials: readonly Trial[]): Figures {
  const mean = (value: (trial: Trial) => number) => trials.reduce((sum, one) => sum + value(one), 0) / trials.length
  return {
    first: {
      ten: mean(one => firstOf(10, one)),
      hundred: mean(one => firstOf(100, one)),
      all: mean(one => firstOf(Number.POSITIVE_INFINITY, one)),
    },
    firstFive: mean(({ nearer }) => (nearer < 5 ? 1 : 0)),
    meanRank: mean(({ nearer, strangers }) => (nearer + 1) / (strangers / 2 + 1)),
  }
}
