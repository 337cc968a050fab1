'use client';

import { createContext, type ReactNode, useContext } from 'react';
import type { Locale } from '../texts/locale.ts';
import { SPEAKERS, type Speaker } from '../texts/speaker.ts';

const LocaleContext = createContext<Locale>('en');

/** Tells what runs in the browser which language the server has found. */
export function LocaleProvider({ locale, children }: { locale: Locale; children: ReactNode }) {
  return <LocaleContext value={locale}>{children}</LocaleContext>;
}

/** As `currentSpeaker` on the server. */
export function useSpeaker(): Speaker {
  return SPEAKERS[useContext(LocaleContext)];
}
