import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import './globals.css';

// Every page depends on who looks at it.
export const dynamic = 'force-dynamic';

export const metadata: Metadata = {
  title: { default: 'Sessions', template: '%s · Sessions' },
  description: 'Server-side sessions: PostgreSQL is the record, Redis is the fast copy.',
};

export const viewport: Viewport = { colorScheme: 'light dark' };

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
