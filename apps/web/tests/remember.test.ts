import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Server, startServer } from './support/server.ts';
import { newTranscript, PASSWORD, Visitor } from './support/visitor.ts';

const POLICY = '{"web":{"rememberMe":{"short":"12h","long":"14d"}}}';

let site: Server;
let plain: Server;
let email: string;

beforeAll(async () => {
  site = await startServer({ NODE_ENV: 'test', SESSION_REALMS: POLICY });
  plain = await startServer({ NODE_ENV: 'test' });
  email = await new Visitor(site.origin, newTranscript()).register();
}, 300_000);

afterAll(() => Promise.all([site?.stop(), plain?.stop()]));

describe('where the policy lets visitors choose whether they are remembered', () => {
  const logIn = async (input: object) => {
    const visitor = new Visitor(site.origin, newTranscript());
    const { setCookies } = await visitor.mutate('auth.login', {
      email,
      password: PASSWORD,
      ...input,
    });
    const listed = await visitor.send('/api/trpc/sessions.list');
    const [newest] = listed.json.result.data.sessions;
    return { setCookies, lives: newest.expiresAt - newest.createdAt };
  };

  it('signs in for a short time with a cookie that goes with the browser', async () => {
    const { lives, setCookies } = await logIn({});
    expect(setCookies).toEqual([
      expect.stringMatching(/^sessionId=[\w-]{43}; HttpOnly; Path=\/; SameSite=Lax$/),
    ]);
    expect(lives).toBe(12 * 3_600_000);
  });

  it('signs in for a long time with a cookie that stays, when told so', async () => {
    const { lives, setCookies } = await logIn({ remember: true });
    expect(setCookies).toEqual([expect.stringContaining('; Max-Age=1209600; ')]);
    expect(lives).toBe(14 * 86_400_000);
  });

  it('asks on the page of the log-in, and nowhere else', async () => {
    const page = async (server: Server, path: string) => (await fetch(server.origin + path)).text();
    const question = 'name="remember"';
    expect(await page(site, '/login')).toContain(question);
    expect(await page(site, '/register')).not.toContain(question);
    expect(await page(plain, '/login')).not.toContain(question);
  });
});
