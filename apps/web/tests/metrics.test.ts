import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storesMode } from './support/modes.ts';
import { type Server, startServer } from './support/server.ts';
import { type Answer, newTranscript, Visitor } from './support/visitor.ts';

const BUILD_AND_START_MS = 300_000;
const METRICS_TOKEN = 'metrics-token-of-this-test';

let server: Server;
const transcript = newTranscript();

beforeAll(async () => {
  server = await startServer({ ...(await storesMode()), METRICS_TOKEN });
}, BUILD_AND_START_MS);

afterAll(() => server?.stop());

function ask(authorization?: string): Promise<Answer> {
  const headers: Record<string, string> = authorization ? { authorization } : {};
  return new Visitor(server.origin, newTranscript()).send('/api/metrics', { headers });
}

/** The value of a series, such as `session_created_total`. */
async function seriesValue(series: string): Promise<number> {
  const { text } = await ask(`Bearer ${METRICS_TOKEN}`);
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return Number(line?.split(' ')[1] ?? Number.NaN);
}

describe('/api/metrics', () => {
  it('tells nobody anything who does not carry the token', async () => {
    for (const authorization of [undefined, 'Bearer wrong', METRICS_TOKEN, 'Bearer ']) {
      const { headers, status, text } = await ask(authorization);
      expect([status, text, headers.get('www-authenticate')]).toEqual([401, '', 'Bearer']);
    }
  });

  it('counts what visitors do, and names none of them', async () => {
    const visitor = new Visitor(server.origin, transcript);
    const email = await visitor.register();
    await visitor.login(email, 'not the right password');
    await visitor.login(email);
    await visitor.me();
    await visitor.mutate('auth.logout');

    expect(await seriesValue('session_created_total')).toBe(2);
    expect(await seriesValue('session_revoked_total{session_reason="signed-out"}')).toBe(2);
    expect(await seriesValue('session_logins_total{session_outcome="signed-in"}')).toBe(1);
    expect(await seriesValue('session_logins_total{session_outcome="refused"}')).toBe(1);
    expect(await seriesValue('session_password_hashes_waiting')).toBe(0);
    expect(await seriesValue('session_store_degraded{session_store="postgres"}')).toBe(0);

    const { headers, text } = await ask(`Bearer ${METRICS_TOKEN}`);
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(headers.get('cache-control')).toBe('private, no-store');
    for (const secret of [...transcript.sessionIds, ...transcript.emails, METRICS_TOKEN, '@']) {
      expect(text).not.toContain(secret);
    }
  });

  it('does not exist without METRICS_TOKEN', async () => {
    const bare = await startServer({ NODE_ENV: 'test' });
    try {
      const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
      const visitor = new Visitor(bare.origin, newTranscript());
      expect((await visitor.send('/api/metrics', { headers })).status).toBe(404);
    } finally {
      await bare.stop();
    }
  });
});
