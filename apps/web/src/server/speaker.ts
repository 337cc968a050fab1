import type { Metadata } from 'next';
import { cookies, headers } from 'next/headers';
import { cache } from 'react';
import { SPEAKERS, type Speaker } from '../texts/speaker.ts';
import type { Gapless, Text } from '../texts/text.ts';
import { LOCALE_COOKIE, localeFor } from './locale.ts';

/** Speaks the language of who looks at this page. One render asks once. */
export const currentSpeaker = cache(async (): Promise<Speaker> => {
  const [jar, asked] = await Promise.all([cookies(), headers()]);
  const acceptLanguage = asked.get('accept-language') ?? undefined;
  return SPEAKERS[localeFor(jar.get(LOCALE_COOKIE)?.value, acceptLanguage)];
});

/** `generateMetadata` of a page with this title. */
export function titled<T extends Text>(title: T & Gapless<T>): () => Promise<Metadata> {
  const known: Text = title;
  return async () => ({ title: (await currentSpeaker()).say(known) });
}
