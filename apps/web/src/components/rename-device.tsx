'use client';

import { useRef } from 'react';
import { api } from '../client/api.ts';
import { useEarlyAction } from '../client/early-actions.tsx';
import { useSpeaker } from '../client/speaker.tsx';
import { useAction } from '../client/use-action.ts';
import { RENAME } from '../texts/forms.ts';

interface RenameDeviceProps {
  handle: string;
  /** How the list calls the device by itself. */
  device: string;
  /** What the user calls it so far; empty while it has no name. */
  label: string;
}

/** Gives a device a name for the list; an empty one takes it away. */
export function RenameDevice({ handle, device, label }: RenameDeviceProps) {
  const speaker = useSpeaker();
  const { busy, problem, run } = useAction();
  const form = useRef<HTMLFormElement>(null);
  useEarlyAction(form);
  const renameNamed = speaker.fill(RENAME.renameNamed, { name: label || device });

  async function rename(form: HTMLFormElement): Promise<void> {
    const typed = String(new FormData(form).get('label') ?? '');
    const done = await run(() => api.sessions.rename.mutate({ handle, label: typed }));
    if (done) window.location.assign('/account/sessions');
  }

  return (
    <details className="rename">
      <summary aria-label={renameNamed}>{speaker.say(RENAME.rename)}</summary>
      <form
        ref={form}
        method="post"
        data-waits=""
        onSubmit={(event) => {
          event.preventDefault();
          void rename(event.currentTarget);
        }}
      >
        <label>
          {speaker.say(RENAME.name)}
          <input name="label" defaultValue={label} maxLength={64} autoComplete="off" />
        </label>
        {problem && (
          <p role="alert" className="error">
            {problem.message}
          </p>
        )}
        <button type="submit" disabled={busy}>
          {speaker.say(RENAME.save)}
        </button>
      </form>
    </details>
  );
}
