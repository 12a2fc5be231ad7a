export * from './clock.js'
export * from './create.js'
export * from './detected.js'
export * from './files.js'
export * from './finish.js'
export * from './keys.js'
export { claimTask, countReady, expireLeases, type Lease, releaseTask, renewLease, retryExpired, retryTask } from './lease.js'
export {
  type InspectedTask,
  inspectTask,
  type ListedTask,
  type Retried,
  retryFailed,
  selectTasks,
  type TaskSelection,
} from './operate.js'
export * from './read.js'
export * from './remove.js'
export * from './renderings.js'
export * from './review.js'
export * from './revisions.js'
export { chargeCustomer, chargeRendering } from './shares.js'
export * from './sweep.js'
export type { PolledTask, Task } from './task.js'
export * from './upload.js'
export { type Storage, storageOf, type UsageDay, usageByDay } from './usage.js'
