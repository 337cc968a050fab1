import { sealData, unsealData } from 'iron-session';
import { jwtVerify, SignJWT } from 'jose';

const PASSWORD = 'a password of the benchmark, long enough to be one';
const MOST_TOKENS = 2_000;

export const ironSession = {
  id: 'iron-session',
  what: 'iron-session',
  settings: 'unsealData with one password, defaults; cannot be revoked',
  open: (context) =>
    openTokens(context, {
      make: (user) => sealData({ user }, { password: PASSWORD }),
      read: (token) => unsealData(token, { password: PASSWORD }),
      who: ({ user }) => user.email,
    }),
};

export const joseHs256 = {
  id: 'jose',
  what: 'jose, HS256',
  settings: 'jwtVerify with a CryptoKey imported once; cannot be revoked',
  async open(context) {
    const bytes = new TextEncoder().encode(PASSWORD);
    const algorithm = { name: 'HMAC', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign', 'verify']);
    return openTokens(context, {
      make: ({ id, ...user }) =>
        new SignJWT(user)
          .setProtectedHeader({ alg: 'HS256' })
          .setSubject(id)
          .setExpirationTime('7d')
          .sign(key),
      read: (token) => jwtVerify(token, key, { algorithms: ['HS256'] }),
      who: ({ payload }) => payload.email,
    });
  },
};

async function openTokens({ users }, { make, read, who }) {
  const some = users.slice(0, MOST_TOKENS);
  const tokens = await Promise.all(some.map(make));
  return {
    check: (index) => read(tokens[index % some.length]),
    who,
    expected: (index) => some[index % some.length].email,
    close: async () => undefined,
  };
}
