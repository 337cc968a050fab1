import { describe, expect, it } from 'vitest';
import { parseRedisAddress } from '../../src/utils/redis-address.ts';

function refusal(url: string): string {
  try {
    return `taken: ${JSON.stringify(parseRedisAddress(url))}`;
  } catch (error) {
    expect(error).toMatchObject({ code: 'CONFIGURATION_INVALID' });
    return error instanceof Error ? error.message : '';
  }
}

const PLACES = [
  'redis://ada:s3cret@cache.example:6379/1',
  'rediss://cache.example',
  'redis+sentinel://:s3cret@cache.example,other.example/main/1',
  'redis+sentinel://:s3cret@cache.example/main',
  'redis+cluster://ada:s3cret@cache.example,other.example:7000',
];

describe.each(PLACES)('%s', (place) => {
  it.each([
    ['db=2', /^REDIS_URL: the parameter db is not read: .*\/1\. Taken: none$/],
    ['tls=true', /parameter tls is not read: write rediss:/],
    ['family=6', /parameter family is not read: remove it/],
    ['family=6&timeout=s3cret', /parameter family .*; the parameter timeout /],
  ])('is refused with ?%s, by name', (parameters, words) => {
    expect(refusal(`${place}?${parameters}`)).toMatch(words);
    expect(refusal(`${place}?${parameters}`)).not.toMatch(/ada|s3cret|example/);
  });

  it('is refused with a fragment, and taken with nothing after the ?', () => {
    expect(refusal(`${place}#s3cret`)).toMatch(/^REDIS_URL: what stands after # is not read/);
    expect(refusal(`${place}#s3cret`)).not.toMatch(/s3cret/);
    expect(refusal(`${place}?`)).toContain('taken');
  });
});

describe('the path', () => {
  it.each([
    ['redis+sentinel://h/main', 0],
    ['redis+sentinel://h/main/3', 3],
    ['redis+sentinel://:p?s#s@h/main/3', 3],
  ])('names the database of %s', (url, database) => {
    expect(parseRedisAddress(url)).toMatchObject({ master: 'main', database });
  });

  it.each(['redis+cluster://h', 'redis+cluster://h/', 'redis+cluster://h/0'])(
    'is the only database of %s',
    (url) => {
      expect(parseRedisAddress(url)).toMatchObject({ shape: 'cluster', nodes: [{ host: 'h' }] });
    },
  );

  it.each(['redis+cluster://h/3', 'redis+cluster://h/main', 'redis+cluster://h/0/3'])(
    'is refused in %s, since a cluster has one database',
    (url) => {
      expect(refusal(url)).toMatch(/^REDIS_URL: a cluster has the database 0 alone/);
    },
  );

  it.each(['redis://h/main', 'redis://h/1/2', 'redis+sentinel://h/main/x'])(
    'is refused in %s, where it is no number',
    (url) => {
      expect(refusal(url)).toMatch(/^REDIS_URL takes /);
    },
  );
});

it('never repeats the rest of a password that has a ? in it', () => {
  const words = refusal('redis://ada:123?s3cret@cache.example');
  expect(words).toMatch(/^REDIS_URL: what stands after \? is not read/);
  expect(words).not.toMatch(/s3cret|example/);
});

it.each([
  'redis://:100%s3cret@cache.example',
  'redis+sentinel://:100%s3cret@cache.example/main',
  'redis+cluster://100%:s3cret@cache.example',
  'redis+sentinel://cache.example/%main',
])('refuses by its own words what is no percent-encoding: %s', (url) => {
  const words = refusal(url);
  expect(words).toMatch(/^REDIS_URL takes redis:/);
  expect(words).not.toMatch(/s3cret|example/);
});
