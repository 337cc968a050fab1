import { type HealthReport, type StoreHealth, UserManagerFactory } from '@repo/session-management';
import Link from 'next/link';
import { Page } from '../components/page.tsx';

export default async function HomePage() {
  const manager = await UserManagerFactory.createForContext();
  const { mode, stores } = await manager.health();
  return (
    <Page title="Log-ins that a team can trust">
      <p className="lead">
        A session layer for Next.js and tRPC. Every session is a row in PostgreSQL and a copy in
        Redis: checked in microseconds, revoked in milliseconds, and still right when a store dies.
      </p>
      <p>
        <Link href="/register">Sign up</Link> or <Link href="/login">sign in</Link>, do the same in
        a second browser, and sign one out <Link href="/account/sessions">from the other</Link>.
      </p>
      <section aria-labelledby="stores">
        <h2 id="stores">Running now</h2>
        <p>{describeMode(mode)}</p>
        {mode === 'stores' && (
          <dl className="facts">
            <StoreFact name="PostgreSQL, the record" health={stores.record} />
            <StoreFact name="Redis, the fast copy" health={stores.copies} />
          </dl>
        )}
      </section>
    </Page>
  );
}

function StoreFact({ name, health }: { name: string; health: StoreHealth }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {health.reachable ? `answers in ${health.latencyMs?.toFixed(1)} ms` : 'does not answer'}
      </dd>
    </div>
  );
}

function describeMode(mode: HealthReport['mode']): string {
  return mode === 'mock'
    ? 'Mock mode: users and sessions live in the memory of this process and end with it.'
    : 'PostgreSQL and Redis.';
}
