import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { TripTracer } from '../types/index.ts';

/** Finds the SDK that is registered when a span begins, also one that came after this module. */
const tracer = trace.getTracer('@repo/session-management');

/**
 * Trips as OpenTelemetry's spans, named and described by its conventions for databases. Without an
 * SDK they are nothing. An error is told by its class: its words may hold hosts or values.
 */
export const tripTracer: TripTracer = {
  trace({ operation, system }, work) {
    const isStatement = system === 'postgresql';
    const attributes = {
      'db.system.name': system,
      [isStatement ? 'db.query.summary' : 'db.operation.name']: operation,
    };
    const options = { kind: SpanKind.CLIENT, attributes };
    return tracer.startActiveSpan(operation, options, async (span) => {
      try {
        return await work();
      } catch (error) {
        span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    });
  },
};
