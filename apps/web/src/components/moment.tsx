import { currentSpeaker } from '../server/speaker.ts';
import { DEVICES } from '../texts/account.ts';

/** An instant in words. */
export async function Moment({ at }: { at: Date | number }) {
  const instant = new Date(at);
  const speaker = await currentSpeaker();
  return <time dateTime={instant.toISOString()}>{speaker.instant(instant)}</time>;
}

/** When a device was last seen, and how long ago that is. */
export async function LastSeen({ at }: { at: number }) {
  const speaker = await currentSpeaker();
  return (
    <>
      {speaker.say(DEVICES.lastSeen)} <Moment at={at} /> ({speaker.ago(Date.now() - at)})
    </>
  );
}
