/** The responses as JSON Schema, for /openapi.json and for the tests. */
export * from './schemas/corrections.js'
export * from './schemas/parts.js'
export * from './schemas/sign-in.js'
export * from './schemas/tasks.js'
