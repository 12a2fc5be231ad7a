/** Notices when this worker uses different models from most of the others. */
import { announceModels, difference, leaveModels, modelsDiffer, showModels, type WorkerModels } from '@obscura/shared'
import type { WorkerServices } from './process-task.js'
import { type Repetition, repeat } from './repeat.js'

const PAUSE_MS = 30_000

/**
 * Announces the models of a worker and compares them to the others', until it is stopped. A
 * difference is logged when it begins and when it ends, and shown in the metrics.
 */
export function startModelsWatch(
  { db, log }: Pick<WorkerServices, 'db' | 'log'>,
  owner: string,
  mine: WorkerModels,
  pauseMs = PAUSE_MS,
): Repetition {
  let told = ''
  showModels(mine)
  const watching = repeat(pauseMs, log, async () => {
    const usual = await announceModels(db, owner, mine)
    const differs = usual ? difference(mine, usual) : ''
    modelsDiffer(differs !== '')
    if (differs === told) return
    told = differs
    if (differs) log.warn({ models: mine }, `This worker uses different models from most workers: ${differs}.`)
    else log.info('This worker uses the same models as most workers again.')
  })
  return {
    async stop() {
      await watching.stop()
      await leaveModels(db, owner).catch(error =>
        log.warn({ err: error }, 'Failed to remove the models of this worker from the database.'),
      )
    },
  }
}
