export type { WorkerServices } from './process-task.js'
export { startWorker, type Worker, type WorkerConfig } from './worker.js'
