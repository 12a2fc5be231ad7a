/**
 * Tries to identify anonymized faces, with a face recogniser and by guessing and comparing, and to
 * read anonymized plates; reports how often the truth comes first among others.
 */
import type { Command } from 'commander'
import { type DataOptions, positive, withData } from '../options.js'
import type { Table } from '../report/table.js'
import { readSamples } from './deblur/objects.js'
import { anonymized, type Published, TREATMENTS, type Treatment } from './deblur/treatment.js'
import { type Attack, attacksWith } from './identify/attacks.js'
import { baseline } from './identify/baseline.js'
import { type NamedFace, readPeople } from './identify/people.js'
import { guessTexts, randomTexts } from './identify/plates.js'
import { distance, type Feature, figuresOf, type Trial, trial } from './identify/ranks.js'
import { loadRecogniser } from './identify/recogniser.js'

interface Options extends DataOptions {
  people?: string
  limit: number
  plates: number
}

export function command(command: Command): Command {
  return withData(command)
    .option(
      '--people <folder>',
      "a folder for each person, photos aligned as dlib's examples/johns; without it one photo a person",
    )
    .option('--limit <number>', 'faces', positive, 100)
    .option('--plates <number>', 'plates', positive, 200)
}

export async function run({ data, people, limit, plates }: Options): Promise<Table[]> {
  const tables = await plateTables(plates)
  const attacks = attacksWith(await loadRecogniser())
  const labelled = await readSamples(data, 'face', { smallest: 48, largest: 96, limit })
  const strangers = labelled.map((sample, i): NamedFace => ({ person: `${i}`, sample }))
  if (people) {
    const probes = await readPeople(people)
    const question = { title: 'Another photo of the person', probes, gallery: [...probes, ...strangers], samePhoto: false }
    tables.push(...(await faceTables(attacks, question)))
  }
  tables.push(...(await faceTables(attacks, { title: 'The very photo', probes: strangers, gallery: strangers, samePhoto: true })))
  return tables
}

/** A question put to every attack: whose are these faces, given this gallery? */
interface Question {
  title: string
  probes: NamedFace[]
  gallery: NamedFace[]
  /** Whether the gallery holds the very photo that was published, or others of the person. */
  samePhoto: boolean
}

/**
 * Faces of other persons are the gallery's strangers; what is looked for are photos of the same
 * person, or the photo itself.
 */
async function trialsOf(
  attack: Attack,
  treatment: Treatment,
  { probes, gallery, samePhoto }: Question,
  published: Published[],
): Promise<Trial[]> {
  const candidates: { face: NamedFace; feature: Feature }[] = []
  for (const face of gallery) candidates.push({ face, feature: await attack.candidate(face.sample, treatment) })
  const trials: Trial[] = []
  for (const [i, face] of probes.entries()) {
    const probe = await attack.probe(published[i], face.sample.box)
    const away = ({ feature }: { feature: Feature }) => distance(probe, feature)
    const mates = candidates.filter(other => other.face.person === face.person && (other.face === face) === samePhoto)
    const strangers = candidates.filter(other => other.face.person !== face.person).map(away)
    trials.push(...mates.map(mate => trial(away(mate), strangers)))
  }
  return trials
}

/** Not anonymized at all. */
const PLAIN: Treatment = { name: 'not anonymized, encoded again', method: 'detect', reversible: true }

async function faceTables(attacks: readonly Attack[], question: Question): Promise<Table[]> {
  const rows: Outcome[][] = attacks.map(() => [])
  for (const treatment of [PLAIN, ...TREATMENTS]) {
    const published: Published[] = []
    for (const { sample } of question.probes)
      published.push(treatment === PLAIN ? await baseline(sample) : await anonymized(sample, 'face', treatment, false))
    for (const [i, attack] of attacks.entries())
      rows[i].push({ name: treatment.name, trials: await trialsOf(attack, treatment, question, published) })
    console.error(`${question.title}: ${treatment.name}`)
  }
  return attacks.map(({ name }, i) => rankTable(`${question.title}: ${name}`, rows[i]))
}

/**
 * What an attacker would compare who undid the smoothing of a blur without loss: its very cells. A
 * pixelated one of the kernel size times sqrt(1/5) has them.
 */
const CELLS_ALONE: Treatment[] = [
  { name: 'cells of blur, kernel 0.1', method: 'pixelate', reversible: false, kernel: 0.1 * Math.sqrt(1 / 5) },
  { name: 'cells of blur (default)', method: 'pixelate', reversible: false, kernel: 0.5 * Math.sqrt(1 / 5) },
]

/**
 * Plates of random characters, as far as an attacker knows all else about them, and with his
 * drawing a little beside the plate.
 */
async function plateTables(count: number): Promise<Table[]> {
  const texts = randomTexts(count)
  const tables: Table[] = []
  for (const [place, offset] of [
    ['exactly', { x: 0, y: 0 }],
    ['2 px beside', { x: 1.6, y: 1.2 }],
  ] as const) {
    const rows: Outcome[] = []
    for (const treatment of [...TREATMENTS, ...CELLS_ALONE])
      rows.push({ name: treatment.name, trials: await guessTexts(texts, treatment, offset) })
    tables.push(rankTable(`Plates of random characters, candidates drawn ${place} and anonymized alike`, rows))
  }
  return tables
}

interface Outcome {
  name: string
  trials: Trial[]
}

function rankTable(title: string, outcomes: readonly Outcome[]): Table {
  const all = outcomes[0].trials[0].strangers + 1
  const rows = outcomes.map(({ name, trials }) => {
    const { first, firstFive, meanRank } = figuresOf(trials)
    const percents = [first.ten, first.hundred, first.all, firstFive].map(fraction => (100 * fraction).toFixed(0))
    return [name, ...percents, meanRank.toFixed(2)]
  })
  return { title, head: ['', 'first of 10, %', 'of 100', `of ${all}`, 'of the first 5', 'mean rank / chance'], rows }
}
