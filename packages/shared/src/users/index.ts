export * from './refresh-tokens.js'
export * from './signing-keys.js'
export * from './users.js'
