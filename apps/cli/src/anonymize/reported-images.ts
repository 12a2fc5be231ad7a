import path from 'node:path'
import { describeProblem, type Problem } from '../images/problem.js'
import type { ReportedImage } from '../report/image.js'
import type { Item } from './plan.js'
import type { Results } from './results.js'
import type { Outcome } from './run.js'

/**
 * Tells one image after the other what became of it, first those of the run, in its order, then
 * what could not be read at all. Whether an image is anonymized is looked up in the output folder
 * now, not remembered.
 */
export async function* reportedImages(
  items: readonly Item[],
  results: Results,
  { failed, processed }: Pick<Outcome, 'failed' | 'processed'>,
  unreadable: readonly Problem[],
  out: string,
): AsyncGenerator<ReportedImage> {
  const problems = new Map(failed.map(({ file, problem }) => [file, problem]))
  for (const item of items) {
    const { file, image } = item
    const row = { file, folder: path.dirname(image) }
    let problem = problems.get(file)
    if (problem === undefined) {
      try {
        if ((await results.state(item)) === 'done') {
          const status = processed.has(image) ? 'anonymized' : 'anonymized earlier'
          yield { ...row, status, result: path.join(out, image), found: results.foundOf(image) }
          continue
        }
        if (processed.has(image)) problem = 'the result or the image has changed since it was anonymized; run the command again'
      } catch (error) {
        problem = describeProblem(error)
      }
    }
    yield problem === undefined ? { ...row, status: 'not processed' } : { ...row, status: 'failed', problem }
  }
  for (const { file, problem } of unreadable) yield { file, folder: path.dirname(file), status: 'failed', problem }
}
