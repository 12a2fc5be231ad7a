export { usableCpus } from './cpus.js'
export { freeMemory, usableMemory } from './memory.js'
