import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createUserManager } from '@repo/exchange-core';
import { expect, it } from 'vitest';
import { policiesOf, realmsSchema } from '../../src/factories/realm-settings.ts';
import { MockUserManagerWrapper } from '../../src/managers/mock-user-manager-wrapper.ts';
import { DEFAULT_LOG_IN_LIMITS, limitWords } from '../../src/policy/log-in-limits.ts';
import { policyWords } from '../../src/policy/policy-words.ts';

const TEXT = readFileSync(join(import.meta.dirname, '../../../../docs/security.md'), 'utf8');

/** The words and values in the table of one section. */
function documented(section: string): string[][] {
  const [, body = ''] = TEXT.split(`## ${section}\n`);
  const [own = ''] = body.split('\n## ');
  return [...own.matchAll(/^\| `(\w+)` \| `?([^|`]+)`? \|/gm)].map(([, word = '', value = '']) => [
    word,
    value.trim(),
  ]);
}

const users = createUserManager();

it('reports for realm web by default what docs/security.md says', () => {
  const { policy } = new MockUserManagerWrapper(users);
  expect(policyWords(policy)).toEqual(documented('Lifetimes'));
  expect(policy.roles).toEqual({});
});

it('reports for a realm with the preset strict what docs/security.md says', () => {
  const policies = policiesOf(undefined, realmsSchema.parse({ admin: { preset: 'strict' } }));
  const { policy } = new MockUserManagerWrapper(users, { policies }).forRealm('admin');
  expect(policyWords(policy)).toEqual(documented('The preset `strict`'));
});

it('counts attempts to sign in as docs/security.md says', () => {
  const counted = limitWords(DEFAULT_LOG_IN_LIMITS).sort();
  expect(counted).toEqual(documented('Attempts to sign in').sort());
});
