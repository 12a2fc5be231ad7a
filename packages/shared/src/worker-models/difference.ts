import type { WorkerModels } from './announce.js'

/** What distinguishes the models of a worker from those of the others, as the end of a sentence. */
export function difference(mine: WorkerModels, usual: WorkerModels): string {
  const parts = [
    mine.profile !== usual.profile && `the profile ${mine.profile} instead of ${usual.profile}`,
    ...usual.models.flatMap(({ name, sha256, precision }) => {
      const own = mine.models.find(model => model.name === name)
      if (!own) return [`no ${name}`]
      // Which file computes in 8 bits depends on the processor.
      return own.sha256 === sha256 || own.precision !== precision ? [] : [`another file of ${name}`]
    }),
    ...mine.models
      .filter(({ name }) => !usual.models.some(model => model.name === name))
      .map(({ name }) => `${name} in addition`),
  ].filter(part => part !== false)
  return parts.length > 0 ? parts.join(', ') : 'other manifests or profiles'
}
