export * from './changed-parameters.js'
export * from './correction.js'
export * from './edits.js'
