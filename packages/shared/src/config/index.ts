export * from './config.js'
export * from './unknown.js'
export * from './variables.js'
