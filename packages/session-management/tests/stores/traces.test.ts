import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../src/policy/session-id.ts';
import { tracedRedis, tracedSql } from '../../src/tiers/traced-clients.ts';
import type { UserManager } from '../../src/types/index.ts';
import { tripTracer } from '../../src/utils/trip-tracer.ts';
import { believed, METADATA, openStores, type Stores, WEEK } from './support.ts';

const exporter = new InMemorySpanExporter();
let stores: Stores;
let manager: UserManager;

beforeAll(async () => {
  const spanProcessors = [new SimpleSpanProcessor(exporter)];
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors }));
  stores = await openStores();
  manager = await stores.manager();
  await believed(manager);
  // Redis learns each script by its first use.
  await manager.createSession(await stores.user(manager), METADATA, WEEK);
});

afterAll(async () => {
  await stores.close();
  trace.disable();
});

beforeEach(() => exporter.reset());

/** What the spans of one system say of themselves, each kind once. */
function described(system: string): object[] {
  const spans = exporter.getFinishedSpans();
  const own = spans.filter(({ attributes }) => attributes['db.system.name'] === system);
  const seen = new Map(own.map(({ attributes, kind, name }) => [name, { name, kind, attributes }]));
  return [...seen.values()];
}

describe('a trip to a store', () => {
  it('is a span of its own, named as the statement or the command', async () => {
    const userId = await stores.user(manager);
    const sessionId = await manager.createSession(userId, METADATA, WEEK);
    await manager.validateSession(sessionId);
    await manager.validateSession(sessionId, { confirm: true });
    // Redis learns a script when it is first asked for it.
    for (let time = 0; time < 2; time += 1) await manager.extendSession(sessionId, WEEK);

    expect(described('postgresql')).toContainEqual({
      name: 'session_create',
      kind: SpanKind.CLIENT,
      attributes: { 'db.system.name': 'postgresql', 'db.query.summary': 'session_create' },
    });
    expect(described('postgresql')).toContainEqual(
      expect.objectContaining({ name: 'session_read' }),
    );
    expect(described('redis')).toContainEqual({
      name: 'EVALSHA',
      kind: SpanKind.CLIENT,
      attributes: { 'db.system.name': 'redis', 'db.operation.name': 'EVALSHA' },
    });
    const said = exporter.getFinishedSpans().map(({ attributes, events, name, status }) => {
      return JSON.stringify({ attributes, events, name, status });
    });
    for (const secret of [sessionId, digestOf(sessionId), userId, '@example.com', METADATA.ip]) {
      expect(said.join()).not.toContain(secret);
    }
  });

  it('is none where a near copy answers', async () => {
    const sessionId = await manager.createSession(await stores.user(manager), METADATA, WEEK);
    const hits = async () => (await manager.health()).nearCopies.hits;
    const before = await hits();
    await expect.poll(() => manager.validateSession(sessionId).then(hits)).toBeGreaterThan(before);
    exporter.reset();
    expect((await manager.validateSession(sessionId)).status).toBe('active');
    expect(exporter.getFinishedSpans().filter(({ name }) => /^M?GET$/.test(name))).toEqual([]);
  });

  it('tells of a failure by its class alone', async () => {
    const down = async () => Promise.reject(new TypeError('host db-1 refused key user:17'));
    const sql = tracedSql({ query: down }, tripTracer);
    const redis = tracedRedis({ sendCommand: down }, tripTracer);
    await expect(sql.query('session_read', 'SELECT 1', [])).rejects.toThrow('host db-1');
    await expect(redis.sendCommand(['GET', 'user:17'])).rejects.toThrow('host db-1');

    const spans = exporter.getFinishedSpans().filter(({ status }) => status.code !== 0);
    expect(
      spans.map(({ attributes, events, status }) => [attributes['error.type'], events, status]),
    ).toEqual(Array(2).fill(['TypeError', [], { code: SpanStatusCode.ERROR }]));
  });
});
