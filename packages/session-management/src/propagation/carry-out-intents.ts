import type { EndIntents, SessionKeeper } from '../types/index.ts';

/** Intents in one go. */
const BATCH = 100;

/** Carries out the ends that the record could not take when they were asked for, oldest first. */
export async function carryOutIntents(
  intents: EndIntents,
  keeper: Pick<SessionKeeper, 'endByDigest'>,
): Promise<void> {
  for (const intent of await intents.list(BATCH)) {
    await keeper.endByDigest(intent.digest, intent.realm, 'signed-out');
    await intents.remove(intent);
  }
}
