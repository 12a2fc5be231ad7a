/**
 * In each test file of the project "production": points the service to the servers that were
 * started for it.
 */
import { inject } from 'vitest'

Object.assign(process.env, inject('settings'))
