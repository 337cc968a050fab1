import { type StoreHealth, UserManagerFactory } from '@repo/session-management';
import { Page } from '../components/page.tsx';
import { Sentence } from '../components/sentence.tsx';
import { currentSpeaker } from '../server/speaker.ts';
import type { Speaker } from '../texts/speaker.ts';
import { START, STORES } from '../texts/start.ts';

const LINKS = { register: '/register', login: '/login', devices: '/account/sessions' };

export default async function HomePage() {
  const speaker = await currentSpeaker();
  const manager = await UserManagerFactory.createForContext();
  const { mode, stores } = await manager.health();
  const record = speaker.fill(STORES.record, { name: 'PostgreSQL' });
  const copies = speaker.fill(STORES.copies, { name: 'Redis' });
  return (
    <Page title={speaker.say(START.heading)}>
      <p className="lead">{speaker.say(START.lead)}</p>
      <Sentence speaker={speaker} text={START.tryIt} links={LINKS} />
      <section aria-labelledby="stores">
        <h2 id="stores">{speaker.say(START.runningNow)}</h2>
        <p>{speaker.say(START[mode])}</p>
        {mode === 'stores' && (
          <dl className="facts">
            <StoreFact speaker={speaker} name={record} health={stores.record} />
            <StoreFact speaker={speaker} name={copies} health={stores.copies} />
          </dl>
        )}
      </section>
    </Page>
  );
}

interface StoreFactProps {
  speaker: Speaker;
  name: string;
  health: StoreHealth;
}

function StoreFact({ speaker, name, health: { latencyMs, reachable } }: StoreFactProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {reachable
          ? speaker.fill(STORES.answersIn, { time: speaker.milliseconds(latencyMs ?? 0) })
          : speaker.say(STORES.silent)}
      </dd>
    </div>
  );
}
