import { freshDatabaseUrl } from '@repo/local-stores/vitest';
import { describe, expect, it } from 'vitest';
import { MIGRATIONS } from '../postgres/database.ts';
import { command } from './command.ts';

describe('session-management migrate', () => {
  it('applies what is pending once, says what it did, and is at peace the second time', async () => {
    const DATABASE_URL = await freshDatabaseUrl();
    const first = await command(['migrate'], { DATABASE_URL });
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout.match(/^applied /gm)).toHaveLength(MIGRATIONS.length);
    const second = await command(['migrate'], { DATABASE_URL });
    expect(second).toEqual({ code: 0, stdout: 'the database is up to date\n', stderr: '' });
  });

  it('prints one JSON object with --json', async () => {
    const DATABASE_URL = await freshDatabaseUrl();
    const { stdout } = await command(['migrate', '--json'], { DATABASE_URL });
    expect(JSON.parse(stdout).applied).toHaveLength(MIGRATIONS.length);
  });

  it('prefers DATABASE_DIRECT_URL, for a pooler may stand before the other', async () => {
    const DATABASE_DIRECT_URL = await freshDatabaseUrl();
    const env = { DATABASE_DIRECT_URL, DATABASE_URL: 'postgresql://127.0.0.1:1/pooler' };
    expect(await command(['migrate'], env)).toMatchObject({ code: 0 });
  });

  it('ends with 1 and one clear line without a database, and where none answers', async () => {
    const without = await command(['migrate']);
    expect(without).toMatchObject({ code: 1, stdout: '' });
    expect(without.stderr).toMatch(/^DATABASE_URL is not set[^\n]*\n$/);

    const gone = await command(['migrate'], {
      DATABASE_URL: 'postgresql://ada:secret@127.0.0.1:1/x',
    });
    expect(gone.code).toBe(1);
    expect(gone.stderr).not.toMatch(/secret|\n +at /);
  });

  it('explains itself with --help and refuses what it does not know', async () => {
    expect(await command(['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('migrate'),
    });
    expect((await command(['migrat'])).code).toBe(2);
  });
});
