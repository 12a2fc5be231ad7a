export { type MetricsServer, metricNames, startMetricsServer } from './metrics-server.js'
export { measureQueue, type Queue, readQueue } from './queue-metrics.js'
export { countDetections, countFailedAttempt, countFinished, countWebhook } from './worker-metrics.js'
