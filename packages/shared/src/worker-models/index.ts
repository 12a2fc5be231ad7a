export { announceModels, leaveModels, listWorkers, type WorkerModels } from './announce.js'
export { difference } from './difference.js'
export { modelsDiffer, showModels } from './models-metrics.js'
