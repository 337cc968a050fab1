import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appendSetCookie,
  clearedCookie,
  cookieSettings,
  sessionCookie,
} from '../../src/web/cookie.ts';

const PLAIN = cookieSettings({ production: false });
const HOST = cookieSettings({ production: true });

describe('cookieSettings', () => {
  it.each([
    [undefined, false, 'sessionId'],
    [undefined, true, '__Host-sessionId'],
    ['http://localhost:3000', false, 'sessionId'],
    ['http://localhost:3000', true, 'sessionId'],
    ['http://127.0.0.1:3000', true, 'sessionId'],
    ['http://[::1]:3000', true, 'sessionId'],
    ['http://app.localhost', true, 'sessionId'],
    ['http://192.168.1.4', true, '__Host-sessionId'],
    ['http://localhost.example', true, '__Host-sessionId'],
    ['http://app.example', false, 'sessionId'],
    ['https://app.example', false, '__Host-sessionId'],
    ['https://localhost', true, '__Host-sessionId'],
  ])('at %s with production %s names the cookie %s', (publicUrl, production, name) => {
    const settings = cookieSettings({ publicUrl, production });
    expect(settings).toEqual({ name, secure: name === '__Host-sessionId' });
  });
});

describe('sessionCookie', () => {
  it('writes the attributes of the document, in its order', () => {
    expect(sessionCookie(PLAIN, 'abc', 604_800)).toBe(
      'sessionId=abc; HttpOnly; Path=/; Max-Age=604800; SameSite=Lax',
    );
    expect(clearedCookie(PLAIN)).toBe('sessionId=; HttpOnly; Path=/; Max-Age=0; SameSite=Lax');
  });

  it('without an age makes a cookie that goes with the browser', () => {
    expect(sessionCookie(PLAIN, 'abc', null)).toBe('sessionId=abc; HttpOnly; Path=/; SameSite=Lax');
    expect(() => sessionCookie(PLAIN, 'abc', Number.NaN)).toThrow(TypeError);
  });

  it('appends Secure to the __Host- form, also when it clears', () => {
    expect(sessionCookie(HOST, 'abc', 60)).toBe(
      '__Host-sessionId=abc; HttpOnly; Path=/; Max-Age=60; SameSite=Lax; Secure',
    );
    expect(clearedCookie(HOST)).toBe(
      '__Host-sessionId=; HttpOnly; Path=/; Max-Age=0; SameSite=Lax; Secure',
    );
  });

  it('refuses whatever could end the value and begin an attribute', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom(';', ',', '"', ' ', '\\', '\r\n', '\0', 'é'),
        (text, bad) => {
          expect(() => sessionCookie(PLAIN, text + bad, 60)).toThrow(TypeError);
        },
      ),
    );
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses the age %s', (age) => {
    expect(() => sessionCookie(PLAIN, 'abc', age)).toThrow(TypeError);
  });
});

describe('appendSetCookie', () => {
  const response = () => new ServerResponse(new IncomingMessage(new Socket()));

  it('keeps other cookies and replaces an earlier line of its own name', () => {
    const res = response();
    res.setHeader('Set-Cookie', 'theme=dark');
    appendSetCookie(res, sessionCookie(PLAIN, 'first', 60));
    appendSetCookie(res, 'lang=en');
    appendSetCookie(res, clearedCookie(PLAIN));

    expect(res.getHeader('set-cookie')).toEqual(['theme=dark', 'lang=en', clearedCookie(PLAIN)]);
  });

  it('leaves a cookie alone whose name only begins like ours', () => {
    const res = response();
    res.setHeader('Set-Cookie', ['sessionId2=x', 'SESSIONID=y']);
    appendSetCookie(res, sessionCookie(PLAIN, 'a', 60));

    expect(res.getHeader('set-cookie')).toHaveLength(3);
  });
});
