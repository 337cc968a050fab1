/** What one metric is. Units as in UCUM, as OpenTelemetry asks for: `s`, `1`, or what is counted in braces. */
export interface MetricDefinition {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly unit: string;
  readonly description: string;
  /** The attributes of its series. Their values are words of this package or of the application's code, never of a visitor. */
  readonly attributes: readonly string[];
}

/**
 * Every metric that this package has, by its name. Names are public API: renaming one is a breaking change.
 *
 * Counters count since the process began.
 */
export const METRICS = {
  'session.lookups': {
    kind: 'counter',
    unit: '{lookup}',
    description: 'Lookups of a session, by the tier that answered and by what it said',
    attributes: ['session.tier', 'session.outcome'],
  },
  'session.fast_copy.reads': {
    kind: 'counter',
    unit: '{read}',
    description: 'Lookups that asked the fast copy, by what it held',
    attributes: ['session.reading'],
  },
  'session.fast_copy.repairs': {
    kind: 'counter',
    unit: '{copy}',
    description: 'Fast copies written anew behind a lookup that the record answered',
    attributes: [],
  },
  'session.created': {
    kind: 'counter',
    unit: '{session}',
    description: 'Sessions that this process opened',
    attributes: [],
  },
  'session.extended': {
    kind: 'counter',
    unit: '{session}',
    description: 'Sessions whose end this process moved',
    attributes: [],
  },
  'session.rotated': {
    kind: 'counter',
    unit: '{session}',
    description: 'Sessions that this process gave another sessionId',
    attributes: [],
  },
  'session.reuse': {
    kind: 'counter',
    unit: '{session}',
    description: 'SessionIds that came back after the grace of their rotation, each once',
    attributes: [],
  },
  'session.revoked': {
    kind: 'counter',
    unit: '{session}',
    description: 'Sessions that this process ended, by the reason',
    attributes: ['session.reason'],
  },
  'session.expired': {
    kind: 'counter',
    unit: '{session}',
    description: 'Sessions that a visitor came back with after their time, each once',
    attributes: [],
  },
  'session.store.outages': {
    kind: 'counter',
    unit: '{outage}',
    description: 'Times that this process found a store down',
    attributes: ['session.store'],
  },
  'session.store.degraded': {
    kind: 'gauge',
    unit: '1',
    description: 'Whether a store is down as this process sees it: 1 or 0',
    attributes: ['session.store'],
  },
  'session.near_copies': {
    kind: 'gauge',
    unit: '{session}',
    description: 'Sessions that this process keeps decoded',
    attributes: [],
  },
  'session.outbox.depth': {
    kind: 'gauge',
    unit: '{change}',
    description: 'Changes that no process has carried to the fast store yet',
    attributes: [],
  },
  'session.propagation.duration': {
    kind: 'histogram',
    unit: 's',
    description:
      'Time from a change in the record until this process had carried it to the fast store',
    attributes: [],
  },
  'session.events.lost': {
    kind: 'counter',
    unit: '{event}',
    description: 'Events that the hook did not get, or failed on',
    attributes: ['session.loss'],
  },
  'session.logins': {
    kind: 'counter',
    unit: '{login}',
    description: 'Attempts to sign in that the application has told of, by their outcome',
    attributes: ['session.outcome'],
  },
  'session.password_hashes.waiting': {
    kind: 'gauge',
    unit: '{hash}',
    description: 'Password hashes that wait for their turn in the application',
    attributes: [],
  },
} as const satisfies Record<string, MetricDefinition>;

/** The name of a metric, by its kind. */
export type MetricName<Kind extends MetricDefinition['kind'] = MetricDefinition['kind']> = {
  [Name in keyof typeof METRICS]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never;
}[keyof typeof METRICS];

/** One series of one metric at one moment. */
export interface Measurement {
  readonly name: MetricName;
  /** Of the metric's attributes, in the order of its definition. */
  readonly values: readonly string[];
  readonly value: number;
}

/** Takes note of what is counted and timed. Returns at once and never throws. */
export interface MetricSink {
  /** @param values - Of the metric's attributes, in the order of its definition. */
  count(name: MetricName<'counter'>, values: readonly string[], by?: number): void;
  /** A duration in seconds. */
  time(name: MetricName<'histogram'>, seconds: number): void;
}

/** What can be read of one manager when somebody looks at its metrics. */
export interface MetricSource {
  /** Since it began; no number ever falls. */
  counters(): readonly Measurement[];
  /** As they are now. What no store can say is left out. */
  gauges(): Promise<readonly Measurement[]>;
}

/** Where sources are made known for as long as they live. */
export interface MetricRegistrar {
  /** Answers how to take it away again; what it counted stays counted. */
  add(source: MetricSource): () => void;
  /** A duration in seconds. */
  time(name: MetricName<'histogram'>, seconds: number): void;
}

/** The tier that answered a lookup: what this process remembers, a near copy, a fast copy, the record, or none. */
export type LookupTier = 'memory' | 'near' | 'fast' | 'record' | 'none';

/** How an attempt to sign in ended. */
export type LogInOutcome = 'signed-in' | 'refused' | 'throttled' | 'limit-reached' | 'failed';
