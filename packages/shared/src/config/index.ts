export * from './config.js'
export * from './unknown.js'
