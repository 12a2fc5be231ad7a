/**
 * OpenTelemetry traces of requests and of attempts at tasks, for operators who run a collector.
 * Without one a span costs almost nothing. Spans contain routes, task IDs, steps and outcomes, but
 * no users, addresses or URLs.
 */
import { context, propagation, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'

const tracer = () => trace.getTracer('obscura')

/**
 * Sends the traces of this process to a collector (OTLP over HTTP, in batches). The SDK reads the
 * usual OTEL_ variables for the rest.
 * @param endpoint the collector's address, without `/v1/traces`
 * @returns a function that sends the remaining spans and stops
 */
export async function startTracing(endpoint: string, service: string): Promise<() => Promise<void>> {
  // Loaded on demand: most installations have no collector.
  const { NodeTracerProvider, BatchSpanProcessor } = await import('@opentelemetry/sdk-trace-node')
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http')
  const { resourceFromAttributes } = await import('@opentelemetry/resources')
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces` })
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  })
  provider.register()
  return async () => {
    await provider.shutdown()
    trace.disable()
    context.disable()
    propagation.disable()
  }
}

/** How a request ended. */
export interface RequestEnd {
  /** The pattern of the route; undefined where none matched. */
  route?: string
  status: number
  taskId?: string
}

/**
 * Traces a request, as part of the caller's trace if its headers name one.
 * @returns a function that ends the span
 */
export function traceRequest(method: string, headers: Record<string, unknown>): (end: RequestEnd) => void {
  const span = tracer().startSpan(method, { kind: SpanKind.SERVER }, propagation.extract(ROOT_CONTEXT, headers))
  return ({ route, status, taskId }) => {
    if (route) span.updateName(`${method} ${route}`).setAttribute('http.route', route)
    if (taskId) span.setAttribute('obscura.task.id', taskId)
    span.setAttributes({ 'http.request.method': method, 'http.response.status_code': status })
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end()
  }
}

/** How an attempt ended: with the ms of each step, one after the other, or with an error's code. */
export type AttemptEnd = { timings: Record<string, number> } | { error: string }

/** Traces an attempt at a task. @returns a function that ends the span */
export function traceAttempt(taskId: number, attempt: number): (end: AttemptEnd) => void {
  const started = Date.now()
  const span = tracer().startSpan('attempt', {
    kind: SpanKind.CONSUMER,
    startTime: started,
    attributes: { 'obscura.task.id': String(taskId), 'obscura.attempt': attempt },
  })
  return end => {
    if ('timings' in end) traceSteps(span, started, end.timings)
    else span.setStatus({ code: SpanStatusCode.ERROR, message: end.error })
    span.end()
  }
}

function traceSteps(parent: Span, started: number, timings: Record<string, number>): void {
  const within = trace.setSpan(ROOT_CONTEXT, parent)
  let time = started
  for (const [step, ms] of Object.entries(timings)) {
    const span = tracer().startSpan(step, { startTime: time }, within)
    time += ms
    span.end(time)
  }
}
