import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCredentials } from '../../src/web/credentials.ts';

const read = (cookieHeader?: string, authorization?: string) =>
  readCredentials({ cookieHeader, authorization }, 'sessionId');

describe('readCredentials', () => {
  it.each([
    ['one cookie', 'sessionId=a', ['a']],
    ['one among others', 'x=1; sessionId=a; y=2', ['a']],
    ['no blank after the semicolon', 'x=1;sessionId=a', ['a']],
    ['two of our name, in their order', 'sessionId=a; sessionId=b', ['a', 'b']],
    ['the same twice', 'sessionId=a; sessionId=a', ['a']],
    ['an equals sign in the value', 'sessionId=a=b', ['a=b']],
    ['another case of the name', 'SessionId=a; SESSIONID=b', []],
    ['a name that ends like ours', 'x-sessionId=a', []],
    ['no value', 'sessionId=', []],
    ['no equals sign', 'sessionId', []],
    ['quotes, which are part of the value', 'sessionId="a"', []],
    ['a blank inside', 'sessionId=a b', []],
    ['an 8 kB value', `sessionId=${'a'.repeat(8192)}`, []],
    [
      'more than four',
      'sessionId=1; sessionId=2; sessionId=3; sessionId=4; sessionId=5',
      ['1', '2', '3', '4'],
    ],
    ['nothing', '', []],
  ])('reads %s', (_, header, expected) => {
    expect(read(header)).toEqual(expected);
  });

  it.each([
    ['Bearer abc', ['abc']],
    ['bearer abc', ['abc']],
    ['BEARER   abc', ['abc']],
    ['Bearer a-b._~+/c==', ['a-b._~+/c==']],
    ['abc', []],
    ['Bearer', []],
    ['Bearer ', []],
    ['Bearer\tabc', []],
    ['Bearerabc', []],
    ['Bearer a b', []],
    ['Bearer a, Bearer b', []],
    ['Basic Bearer abc', []],
    ['Basic YTpi', []],
    ['Bearer "abc"', []],
    ['Bearer a=b', []],
  ])('of "%s" takes %j', (authorization, expected) => {
    expect(read(undefined, authorization)).toEqual(expected);
  });

  it('puts cookies before the bearer token', () => {
    expect(read('sessionId=a', 'Bearer b')).toEqual(['a', 'b']);
  });

  it('never throws and gives at most four values that may be looked up', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (value, authorization) => {
        const found = read(`sessionId=${value}; ${value}`, authorization);
        expect(found.length).toBeLessThanOrEqual(4);
        for (const one of found) expect(one).toMatch(/^[\x21-\x7e]{1,255}$/);
      }),
    );
  });
});
