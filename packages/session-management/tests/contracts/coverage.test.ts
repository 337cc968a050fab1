import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Which suite keeps the promises of which port. */
const SUITES: Record<string, string> = {
  AttemptStore: 'describeAttemptStore',
  SessionAdapter: 'describeSessionAdapter',
  SessionCopies: 'describeSessionCopies',
  SessionRecords: 'describeSessionRecords',
  UserCopies: 'describeUserCopies',
  UserRecords: 'describeUserRecords',
  UserRepository: 'describeUserRepository',
  UserManager: 'describeUserManager',
  UserManagerInterface: 'describeUserManager',
  SessionManagerInterface: 'describeUserManager',
};

interface ClassHead {
  name: string;
  /** Somebody else can make one: exported and not abstract. */
  offered: boolean;
  parent: string | undefined;
  ports: string[];
}

const HEAD =
  /^(?<export>export )?(?<abstract>abstract )?class (?<name>\w+)(?:<[^>]*>)?(?: extends (?<parent>\w+))?(?: implements (?<ports>[^{]+))? \{/gm;

const root = join(import.meta.dirname, '../..');
const sources = readAll(join(root, 'src'));
const tests = readAll(join(root, 'tests')).join('\n');
const heads = sources.flatMap(classHeads);

// What others extend is tested as what they make of it.
const parents = new Set(heads.map(({ parent }) => parent));
const obligations = heads
  .filter(({ name, offered }) => offered && !parents.has(name))
  .flatMap((head) => suitesOf(head).map((suite) => [head.name, suite]));

it('finds the classes that implement ports', () => {
  const names = obligations.map(([name]) => name);
  const known = ['MemorySessionAdapter', 'RedisSessionAdapter', 'MockUserManagerWrapper'];

  expect(names).toEqual(expect.arrayContaining(known));
});

it.each([...new Set(obligations.map((pair) => pair.join(' in ')))])('runs %s', (pair) => {
  const [name, suite] = pair.split(' in ');

  const runs = new RegExp(`${suite}\\(\\s*'${name}'`).test(tests);
  expect(runs, `no test calls ${suite}('${name}', …)`).toBe(true);
});

function classHeads(source: string): ClassHead[] {
  return [...source.matchAll(HEAD)].map(({ groups = {} }) => ({
    name: groups['name'] ?? '',
    offered: groups['export'] !== undefined && groups['abstract'] === undefined,
    parent: groups['parent'],
    ports: (groups['ports'] ?? '').split(',').map((port) => port.trim()),
  }));
}

function suitesOf(head: ClassHead): string[] {
  return portsOf(head).flatMap((port) => SUITES[port] ?? []);
}

/** What a class promises, what it inherits included. */
function portsOf(head: ClassHead): string[] {
  const parent = heads.find(({ name }) => name === head.parent);
  return parent ? [...head.ports, ...portsOf(parent)] : head.ports;
}

function readAll(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.includes('generated'))
    .map((file) => readFileSync(join(folder, file), 'utf8'));
}
