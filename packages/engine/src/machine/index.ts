export { freeMemory } from './memory.js'
export { usableProcessors } from './processors.js'
