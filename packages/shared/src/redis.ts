/** Separate entry point for Redis: loading BullMQ takes longer than the rest of this package. */
export { createBullMQDispatcher } from './dispatch/bullmq.js'
export { checkRedis } from './dispatch/redis.js'
