import { describe } from 'vitest'
import { createLogger } from '../log.js'
import { createInProcessDispatcher } from './in-process.js'
import { dispatcherContract } from './test/dispatcher-contract.js'

describe('hints within one process, as every dispatcher', () => {
  dispatcherContract(async () => createInProcessDispatcher(createLogger('silent')))
})
