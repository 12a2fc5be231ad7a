export { usableCpus } from './cpus.js'
export { freeMemory } from './memory.js'
