/**
 * `node dist/identify.js --data FOLDER [--people FOLDER]`: tries to tell whose an anonymized face is, by a face recogniser and by guessing and comparing, and
 * what stood on an anonymized plate; reports how often the truth comes first among others.
 */
import { parseArgs } from 'node:util'
import { type Attack, attacksWith } from './identify/attacks.js'
import { control } from './identify/control.js'
import { type NamedFace, readPeople } from './identify/people.js'
import { guessTexts, randomTexts } from './identify/plates.js'
import { distance, type Feature, figuresOf, type Trial, trial } from './identify/ranks.js'
import { loadRecogniser } from './identify/recogniser.js'
import { readSpecimens } from './undo/objects.js'
import { anonymized, type Published, TREATMENTS, type Treatment } from './undo/treatment.js'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    people: { type: 'string' },
    limit: { type: 'string', default: '100' },
    plates: { type: 'string', default: '200' },
  },
})
if (!values.data) throw new Error('--data FOLDER is missing: the folder with annotations.json; see bench/README.md')

/** A question put to every attack: whose are these faces, given this gallery? */
interface Question {
  title: string
  probes: NamedFace[]
  gallery: NamedFace[]
  /** Whether the gallery holds the very photo that was published, or others of the person. */
  samePhoto: boolean
}

/** Faces of other persons are the gallery's strangers; what is looked for are photos of the same person, or the photo itself. */
async function trialsOf(
  attack: Attack,
  treatment: Treatment,
  { probes, gallery, samePhoto }: Question,
  published: Published[],
): Promise<Trial[]> {
  const candidates: { face: NamedFace; feature: Feature }[] = []
  for (const face of gallery) candidates.push({ face, feature: await attack.candidate(face.specimen, treatment) })
  const trials: Trial[] = []
  for (const [i, face] of probes.entries()) {
    const probe = await attack.probe(published[i], face.specimen.box)
    const away = ({ feature }: { feature: Feature }) => distance(probe, feature)
    const mates = candidates.filter(other => other.face.person === face.person && (other.face === face) === samePhoto)
    const strangers = candidates.filter(other => other.face.person !== face.person).map(away)
    trials.push(...mates.map(mate => trial(away(mate), strangers)))
  }
  return trials
}

/** Not anonymized at all. */
const PLAIN: Treatment = { name: 'not anonymized, encoded again', method: 'detect', reversible: true }

async function report(question: Question): Promise<void> {
  const tables: Table[] = attacks.map(({ name }) => ({ title: `${question.title}: ${name}`, rows: [] }))
  for (const treatment of [PLAIN, ...TREATMENTS]) {
    const published: Published[] = []
    for (const { specimen } of question.probes)
      published.push(treatment === PLAIN ? await control(specimen) : await anonymized(specimen, 'face', treatment, false))
    for (const [i, attack] of attacks.entries())
      tables[i].rows.push({ name: treatment.name, trials: await trialsOf(attack, treatment, question, published) })
  }
  tables.forEach(print)
}

/** What an attacker would compare who undid the smoothing of a blur without loss: its very cells. A pixelated one of the kernel size times sqrt(1/5) has them. */
const BARE_CELLS: Treatment[] = [
  { name: 'cells of blur, kernel 0.1', method: 'pixelate', reversible: false, kernel: 0.1 * Math.sqrt(1 / 5) },
  { name: 'cells of blur (default)', method: 'pixelate', reversible: false, kernel: 0.5 * Math.sqrt(1 / 5) },
]

/** Plates of random characters, as far as an attacker knows all else about them, and with his drawing a little beside the plate. */
async function reportPlates(): Promise<void> {
  const texts = randomTexts(Number(values.plates))
  for (const [place, misfit] of [
    ['exactly', { x: 0, y: 0 }],
    ['2 px beside', { x: 1.6, y: 1.2 }],
  ] as const) {
    const table: Table = { title: `Plates of random characters, candidates drawn ${place} and anonymized alike`, rows: [] }
    for (const treatment of [...TREATMENTS, ...BARE_CELLS])
      table.rows.push({ name: treatment.name, trials: await guessTexts(texts, treatment, misfit) })
    print(table)
  }
}

interface Table {
  title: string
  rows: { name: string; trials: Trial[] }[]
}

function print({ title, rows }: Table): void {
  console.log(
    `\n${title}\n\n| | first of 10, % | of 100 | of ${rows[0].trials[0].strangers + 1} | of the first 5 | mean rank / chance |`,
  )
  console.log('|---|---|---|---|---|---|')
  for (const { name, trials } of rows) {
    const { first, firstFive, meanRank } = figuresOf(trials)
    const shares = [first.ten, first.hundred, first.all, firstFive].map(share => (100 * share).toFixed(0))
    console.log(`| ${name} | ${shares.join(' | ')} | ${meanRank.toFixed(2)} |`)
  }
}

await reportPlates()
const attacks = attacksWith(await loadRecogniser())
const labelled = await readSpecimens(values.data, 'face', { smallest: 48, largest: 96, limit: Number(values.limit) })
const strangers = labelled.map((specimen, i): NamedFace => ({ person: `${i}`, specimen }))
if (values.people) {
  const probes = await readPeople(values.people)
  await report({ title: 'Another photo of the person', probes, gallery: [...probes, ...strangers], samePhoto: false })
}
await report({ title: 'The very photo', probes: strangers, gallery: strangers, samePhoto: true })
