export { freeMemory, usableMemory } from './memory.js'
export { usableProcessors } from './processors.js'
