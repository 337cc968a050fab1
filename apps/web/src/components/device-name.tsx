import type { SessionListEntry } from '@repo/session-management';

type Named = Pick<SessionListEntry, 'device' | 'label'>;

/** What the user calls a device; otherwise its name, which is in English on every page. */
export function DeviceName({ device, label }: Named) {
  return label ?? <span lang="en">{device}</span>;
}
