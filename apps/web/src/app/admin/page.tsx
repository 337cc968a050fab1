import { type StoreHealth, UserManagerFactory } from '@repo/session-management';
import Link from 'next/link';
import { type Bar, BarChart } from '../../components/bar-chart.tsx';
import { Moment } from '../../components/moment.tsx';
import { Page } from '../../components/page.tsx';
import { currentAdmin } from '../../server/current-admin.ts';
import { MOST_COUNTED, type Overview, overviewOf } from '../../server/overview.ts';
import { currentSpeaker, titled } from '../../server/speaker.ts';
import { ADMIN, OF_LOOKUPS } from '../../texts/admin.ts';
import type { Speaker } from '../../texts/speaker.ts';
import { STORES } from '../../texts/start.ts';

export const generateMetadata = titled(ADMIN.title);

export default async function AdminPage() {
  const admin = await currentAdmin();
  const speaker = await currentSpeaker();
  const overview = admin && (await overviewOf(await UserManagerFactory.createForContext()));
  return (
    <Page title={speaker.say(ADMIN.title)}>
      {overview && (
        <>
          <Facts overview={overview} speaker={speaker} />
          <p>
            <Link href="/admin/users">{speaker.say(ADMIN.toUsers)}</Link>
          </p>
          <section aria-labelledby="speed">
            <h2 id="speed">{speaker.say(ADMIN.speed)}</h2>
            <BarChart title={speaker.say(ADMIN.nearCopies)} bars={[hitRatio(overview, speaker)]} />
            <BarChart title={speaker.say(ADMIN.answerTimes)} bars={latencies(overview, speaker)} />
          </section>
        </>
      )}
    </Page>
  );
}

interface FactsProps {
  overview: Overview;
  speaker: Speaker;
}

function Facts({ overview, speaker }: FactsProps) {
  const { propagation, sessions, stores, users } = overview;
  const { copies, record } = namesOf(overview, speaker);
  return (
    <dl className="facts">
      <Fact name={speaker.say(ADMIN.users)}>{counted(users, speaker)}</Fact>
      <Fact name={speaker.say(ADMIN.sessions)}>
        {sessions === MOST_COUNTED
          ? speaker.fill(ADMIN.orMore, { count: speaker.number(sessions) })
          : counted(sessions, speaker)}
      </Fact>
      <Fact name={speaker.fill(STORES.record, { name: record })}>
        <Standing health={stores.record} speaker={speaker} />
      </Fact>
      <Fact name={speaker.fill(STORES.copies, { name: copies })}>
        <Standing health={stores.copies} speaker={speaker} />
      </Fact>
      <Fact name={speaker.say(ADMIN.waiting)}>{counted(propagation.waiting, speaker)}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface StandingProps {
  health: StoreHealth;
  speaker: Speaker;
}

function Standing({ health: { degradedSince, reachable }, speaker }: StandingProps) {
  if (reachable) return speaker.say(STORES.answers);
  if (degradedSince === null) return speaker.say(STORES.silent);
  return (
    <>
      {speaker.say(STORES.silentSince)} <Moment at={degradedSince} />
    </>
  );
}

function counted(number: number | null, speaker: Speaker): string {
  return number === null ? speaker.say(ADMIN.unknown) : speaker.number(number);
}

function hitRatio({ nearCopies: { asked, hits } }: Overview, speaker: Speaker): Bar {
  const label = speaker.say(ADMIN.hits);
  if (asked === 0) return { label, text: speaker.say(ADMIN.noneAsked), share: 0 };
  const share = hits / asked;
  const text = `${speaker.percent(share)} ${speaker.count(OF_LOOKUPS, asked)}`;
  return { label, text, share };
}

/** The slower of the two is the whole width, 1 ms at least. */
function latencies(overview: Overview, speaker: Speaker): Bar[] {
  const { copies, record } = overview.stores;
  const names = namesOf(overview, speaker);
  const measured = [
    { label: names.record, ms: record.latencyMs },
    { label: names.copies, ms: copies.latencyMs },
  ];
  const longest = Math.max(1, ...measured.map(({ ms }) => ms ?? 0));
  return measured.map(({ label, ms }) => {
    const text = ms === null ? speaker.say(STORES.silent) : speaker.milliseconds(ms);
    return { label, text, share: (ms ?? 0) / longest };
  });
}

/** Mock mode has both in its memory. */
function namesOf({ mode }: Overview, speaker: Speaker) {
  return mode === 'mock'
    ? {
        record: speaker.say(STORES.memoryOfUsers),
        copies: speaker.say(STORES.memoryOfCopies),
      }
    : { record: 'PostgreSQL', copies: 'Redis' };
}
