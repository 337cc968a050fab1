import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../src/policy/session-id.ts';
import { hasCode, type UserManager } from '../../src/types/index.ts';
import { metricRegistry } from '../../src/utils/metric-registry.ts';
import { sessionKey } from '../names.ts';
import { atOnce, logIn, NearStage, nearlyKept, newUser, statusOf, until } from './near-stage.ts';
import { believed } from './support.ts';

let stage: NearStage;

beforeAll(async () => {
  stage = await NearStage.open();
}, 60_000);

afterEach(() => stage.rest());
afterAll(() => stage?.close());

const SHORT = { timing: { F: 1_000, G: 2_000, D: 8_000 } };

/** When the fast copy was last confirmed, by PostgreSQL's clock. */
async function confirmedAt(sessionId: string): Promise<number> {
  const text = String(await stage.admin.sendCommand(['GET', sessionKey(digestOf(sessionId))]));
  return Number.parseInt(/"s":".{7}\w+\.(\w+)/.exec(text)?.[1] ?? '', 36);
}

/** How many lookups of this process have waited for PostgreSQL. */
async function answeredByTheRecord(): Promise<number> {
  const lookups = (await metricRegistry().read()).filter(({ name }) => name === 'session.lookups');
  return lookups.reduce((sum, { value, values }) => sum + (values[0] === 'record' ? value : 0), 0);
}

describe('the age of near copies', () => {
  it('is renewed behind the answers, time after time, while near copies go on answering', async () => {
    const near = await stage.near(SHORT);
    await believed(near);
    const sessionId = await logIn(near);
    let [confirmed, waited] = [await confirmedAt(sessionId), await answeredByTheRecord()];
    const hasWaited: boolean[] = [];
    await until(async () => {
      expect(await statusOf(near, sessionId)).toBe('active');
      const at = await confirmedAt(sessionId);
      if (at !== confirmed) {
        const answered = await answeredByTheRecord();
        hasWaited.push(answered > waited);
        [confirmed, waited] = [at, answered];
      }
      expect(hasWaited.length).toBeGreaterThan(4);
    });
    const { asked, hits } = (await near.health()).nearCopies;
    expect(hits).toBeGreaterThan(asked / 2);
    // A lookup that stalls until F is over waits for PostgreSQL itself. Not each time.
    expect(hasWaited).toContain(false);
  });

  it('is at most F while PostgreSQL is down; then the fast copy answers for G, then nobody', async () => {
    const near = await stage.near(SHORT);
    const sessionId = await logIn(near);
    await nearlyKept(near, sessionId);
    stage.recordLink.cut();
    const cutAt = performance.now();

    const phases: string[] = [];
    let lastNear = cutAt;
    await until(async () => {
      const askedAt = performance.now();
      const phase = await phaseOf(near, sessionId);
      if (phase === 'near') lastNear = askedAt;
      if (phases.at(-1) !== phase) phases.push(phase);
      expect(phase).toBe('nobody');
    });
    expect([...new Set(phases)]).toEqual(['near', 'copy', 'nobody']);
    // Two clocks are compared: they agree to a round trip.
    expect(lastNear - cutAt).toBeLessThan(SHORT.timing.F + 500);

    await stage.recordLink.heal();
    await nearlyKept(near, sessionId);
  });

  it('is waited for at F: the lookup then answers what PostgreSQL says', async () => {
    const near = await stage.near({ timing: { F: 1_000, G: 0, D: 8_000 } });
    const other = await stage.other();
    const sessionId = await logIn(near);
    await nearlyKept(near, sessionId);
    stage.recordLink.freeze();
    await until(async () => expect(await atOnce(near, sessionId)).toBeNull());
    const waiting = near.validateSession(sessionId);
    await other.deleteSession(sessionId);
    await stage.recordLink.heal();
    expect((await waiting).status).toBe('none');
  });
});

async function phaseOf(manager: UserManager, sessionId: string): Promise<string> {
  if ((await atOnce(manager, sessionId)) !== null) return 'near';
  try {
    await manager.validateSession(sessionId);
    return 'copy';
  } catch (error) {
    if (hasCode(error, 'STORE_UNAVAILABLE')) return 'nobody';
    throw error;
  }
}

describe('20,000 lookups among log-ins and log-outs', () => {
  it('leave no more copies than allowed, and neither timers, sockets nor listeners behind', async () => {
    const near = await stage.near({ nearSize: { entries: 100, bytes: 2 ** 20 } });
    const userId = await newUser(near);
    const warnings: Error[] = [];
    const warned = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warned);
    await turn(near, userId);
    const before = resources();
    for (let n = 1; n < TURNS; n += 1) await turn(near, userId);

    const { asked, entries } = (await near.health()).nearCopies;
    expect(asked).toBeGreaterThanOrEqual(20_000);
    expect(entries).toBeLessThanOrEqual(100);
    await until(() => expect(moreThan(before)).toEqual([]));
    process.off('warning', warned);
    // Node warns of an emitter with more than ten listeners of one kind.
    expect(warnings).toEqual([]);
  });
});

const TURNS = 40;

/** Ten log-ins, 500 lookups of them, and five log-outs. */
async function turn(manager: UserManager, userId: string): Promise<void> {
  const ids = await Promise.all(Array.from({ length: 10 }, () => logIn(manager, userId)));
  for (let n = 0; n < 50; n += 1) {
    await Promise.all(ids.map((id) => statusOf(manager, id)));
  }
  await Promise.all(ids.slice(5).map((id) => manager.deleteSession(id)));
}

/** What this process has open: how many of each kind. */
function resources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** The kinds of which there are more than come and go: one a turn would show. */
function moreThan(before: Map<string, number>): string[] {
  return [...resources()]
    .filter(([kind, count]) => count > (before.get(kind) ?? 0) + TURNS / 2)
    .map(([kind]) => kind);
}
