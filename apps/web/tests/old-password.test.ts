import { expect, it } from 'vitest';
import { describeSite } from './support/modes.ts';
import { PASSWORD } from './support/visitor.ts';

const NEW_PASSWORD = 'four other words entirely';
const AT_ONCE = 6;
const ROUNDS = 4;

describeSite('a change of password', (site) => {
  it('ends log-ins with the old one that are under way, on whichever side of it they land', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const owner = site().visitor();
      const email = await owner.register();
      const others = Array.from({ length: AT_ONCE }, () => site().visitor());
      const logIns = others.map((visitor) => visitor.login(email));
      const changed = await owner.mutate('auth.changePassword', {
        currentPassword: PASSWORD,
        newPassword: NEW_PASSWORD,
      });
      await Promise.all(logIns);

      expect(changed.status).toBe(200);
      expect((await owner.me()).status).toBe(200);
      const answers = await Promise.all(others.map((visitor) => visitor.me()));
      expect(answers.map(({ status }) => status)).toEqual(others.map(() => 401));
    }
  });

  it('is one of two at once that were proved by the same password', async () => {
    const [one, two] = [site().visitor(), site().visitor()];
    const email = await one.register();
    await two.login(email);
    const chosen = ['the password of the first one', 'the password of the second one'];
    const answers = await Promise.all(
      [one, two].map((visitor, n) =>
        visitor.mutate('auth.changePassword', {
          currentPassword: PASSWORD,
          newPassword: chosen[n],
        }),
      ),
    );

    const done = answers.map(({ status }) => status === 200);
    expect(done.filter(Boolean)).toHaveLength(1);
    for (const [n, isDone] of done.entries()) {
      const { status } = await site().visitor().login(email, chosen[n]);
      expect(status).toBe(isDone ? 200 : 401);
    }
  });
});
