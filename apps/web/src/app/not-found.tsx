import Link from 'next/link';
import { currentSpeaker, titled } from '../server/speaker.ts';
import { FRAME } from '../texts/frame.ts';

export const generateMetadata = titled(FRAME.noSuchPage);

export default async function NotFound() {
  const speaker = await currentSpeaker();
  return (
    <main>
      <h1>{speaker.say(FRAME.noSuchPage)}</h1>
      <p>
        <Link href="/">{speaker.say(FRAME.toStart)}</Link>
      </p>
    </main>
  );
}
