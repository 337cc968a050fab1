'use client';

import { useRef } from 'react';
import { useEarlyAction } from '../client/early-actions.tsx';
import { useAction } from '../client/use-action.ts';

interface CallButtonProps {
  call(): Promise<unknown>;
  /** The page that shows how things stand after it. */
  next: string;
  /** Said instead of the text where that does not name what is meant. */
  label?: string | undefined;
  children: string;
}

/** Does one thing, then shows how things stand; says what is wrong where it was refused. */
export function CallButton({ call, next, label, children }: CallButtonProps) {
  const { busy, problem, run } = useAction();
  const button = useRef<HTMLButtonElement>(null);
  useEarlyAction(button);

  async function click(): Promise<void> {
    const done = await run(call);
    if (done) window.location.assign(next);
  }

  return (
    <span className="action">
      <button
        ref={button}
        type="button"
        data-waits=""
        onClick={() => void click()}
        disabled={busy}
        aria-label={label}
      >
        {children}
      </button>
      {problem && (
        <span role="alert" className="error">
          {problem.message}
        </span>
      )}
    </span>
  );
}
