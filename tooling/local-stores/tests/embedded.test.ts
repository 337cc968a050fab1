import pg from 'pg';
import { expect, it, vi } from 'vitest';
import { startPostgres } from '../src/index.ts';
import { mayRun, thisMachine } from '../src/machine.ts';

vi.mock('../src/machine.ts', async (original) => {
  const real = await original<typeof import('../src/machine.ts')>();
  const { embedded, ...machine } = real.thisMachine();
  const isFile = (file: string) =>
    embedded !== null && file.startsWith(embedded) && machine.isFile(file);
  return {
    ...real,
    thisMachine: vi.fn(() => ({ ...machine, embedded, isFile })),
    mayRun: vi.fn(real.mayRun),
  };
});

const missing = thisMachine().embedded === null;

it.skipIf(missing).each([
  ['where it lies', true],
  ['from a copy where its folder is closed to the user that runs it', false],
])(
  'starts the PostgreSQL of the npm package %s (skipped where it has none for the platform)',
  async (_, reachable) => {
    if (!reachable) vi.mocked(mayRun).mockReturnValueOnce(false);
    const postgres = await startPostgres();
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    const { rows } = await client.query("SELECT upper('ä') AS upper");
    await client.end();
    await postgres.close();

    expect(rows).toEqual([{ upper: 'Ä' }]);
    expect(postgres.binDir).toBeNull();
  },
);
