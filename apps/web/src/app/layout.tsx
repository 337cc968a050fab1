import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { EarlyActions } from '../client/early-actions.tsx';
import { LocaleProvider } from '../client/speaker.tsx';
import { LocaleSwitch } from '../components/locale-switch.tsx';
import { currentSpeaker } from '../server/speaker.ts';
import { FRAME } from '../texts/frame.ts';
import './globals.css';

// Every page depends on who looks at it.
export const dynamic = 'force-dynamic';

export async function generateMetadata(): Promise<Metadata> {
  const speaker = await currentSpeaker();
  return {
    title: { default: 'Sessions', template: '%s · Sessions' },
    description: speaker.say(FRAME.description),
  };
}

export const viewport: Viewport = { colorScheme: 'light dark' };

export default async function RootLayout({ children }: { children: ReactNode }) {
  const { locale } = await currentSpeaker();
  return (
    <html lang={locale}>
      <body>
        <EarlyActions />
        <LocaleProvider locale={locale}>{children}</LocaleProvider>
        <LocaleSwitch />
      </body>
    </html>
  );
}
