'use client';

import { api } from '../client/api.ts';
import { useAction } from '../client/use-action.ts';

interface RenameDeviceProps {
  handle: string;
  /** How the list calls the device by itself. */
  device: string;
  /** What the user calls it so far; empty while it has no name. */
  label: string;
}

/** Gives a device a name for the list; an empty one takes it away. */
export function RenameDevice({ handle, device, label }: RenameDeviceProps) {
  const { busy, problem, run } = useAction();

  async function rename(form: HTMLFormElement): Promise<void> {
    const typed = String(new FormData(form).get('label') ?? '');
    const done = await run(() => api.sessions.rename.mutate({ handle, label: typed }));
    if (done) window.location.assign('/account/sessions');
  }

  return (
    <details className="rename">
      <summary aria-label={`Rename ${label || device}`}>Rename</summary>
      <form
        method="post"
        onSubmit={(event) => {
          event.preventDefault();
          void rename(event.currentTarget);
        }}
      >
        <label>
          Name of this device
          <input name="label" defaultValue={label} maxLength={64} autoComplete="off" />
        </label>
        {problem && (
          <p role="alert" className="error">
            {problem.message}
          </p>
        )}
        <button type="submit" disabled={busy}>
          Save
        </button>
      </form>
    </details>
  );
}
