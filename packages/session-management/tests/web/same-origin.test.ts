import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OriginEvidence, sameOriginRefusal } from '../../src/web/same-origin.ts';

const CURL: OriginEvidence = {
  method: 'POST',
  contentType: 'application/json',
  origin: undefined,
  secFetchSite: undefined,
  host: 'app.example',
};
const BROWSER: OriginEvidence = {
  ...CURL,
  origin: 'https://app.example',
  secFetchSite: 'same-origin',
};
const publicUrl = 'https://app.example/start';

describe('sameOriginRefusal', () => {
  it.each<[string, Partial<OriginEvidence>, ReturnType<typeof sameOriginRefusal>]>([
    ['a POST of JSON without browser headers', {}, null],
    ['a charset', { contentType: 'Application/JSON; charset=utf-8' }, null],
    ['a GET', { method: 'GET', contentType: undefined, origin: 'https://evil.example' }, null],
    ['a HEAD', { method: 'HEAD' }, null],
    ['a PUT', { method: 'PUT' }, 'method'],
    ['a DELETE', { method: 'DELETE' }, 'method'],
    ['no method', { method: undefined }, 'method'],
    ['plain text', { contentType: 'text/plain' }, 'content-type'],
    ['a form', { contentType: 'multipart/form-data; boundary=application/json' }, 'content-type'],
    ['a type that begins like JSON', { contentType: 'application/jsonp' }, 'content-type'],
    ['no type', { contentType: undefined }, 'content-type'],
    ['our host', { origin: 'https://app.example' }, null],
    ['another host', { origin: 'https://evil.example' }, 'cross-site'],
    ['a sibling', { origin: 'https://x.app.example' }, 'cross-site'],
    ['a suffix trick', { origin: 'https://app.example.evil' }, 'cross-site'],
    ['another port', { origin: 'https://app.example:8443' }, 'cross-site'],
    ['the origin null', { origin: 'null' }, 'cross-site'],
    ['an empty origin', { origin: '' }, 'cross-site'],
    [
      'a foreign page with plain text',
      { origin: 'https://evil.example', contentType: 'text/plain' },
      'cross-site',
    ],
    [
      'the public address',
      { origin: 'https://app.example', publicUrl, host: 'internal:3000' },
      null,
    ],
    ['the public host over http', { origin: 'http://app.example', publicUrl }, 'cross-site'],
    ['same-site', { secFetchSite: 'same-site' }, 'cross-site'],
    ['cross-site', { secFetchSite: 'cross-site' }, 'cross-site'],
    ['typed by the visitor', { secFetchSite: 'none' }, null],
    ['proof from both headers', BROWSER, null],
    ['two headers that disagree', { ...BROWSER, origin: 'https://evil.example' }, 'cross-site'],
    ['an unknown site value', { secFetchSite: 'Same-Origin' }, 'cross-site'],
  ])('judges %s', (_, change, expected) => {
    expect(sameOriginRefusal({ ...CURL, ...change })).toBe(expected);
  });

  it('never throws, and lets no made-up origin pass for a public address', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const evidence = { ...CURL, origin: text, publicUrl };
        expect(sameOriginRefusal(evidence)).toBe('cross-site');
        sameOriginRefusal({ ...CURL, origin: text, host: text, contentType: text });
      }),
    );
  });
});
