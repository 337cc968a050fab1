'use client';

import { type FormEvent, type ReactNode, useEffect, useRef } from 'react';
import type { Problem } from '../client/api.ts';
import { useEarlyAction } from '../client/early-actions.tsx';
import { useSpeaker } from '../client/speaker.tsx';
import { FORM } from '../texts/forms.ts';

interface FormProps {
  /** Names the form for screen readers. */
  label: string;
  submitLabel: string;
  busy: boolean;
  problem: Problem | null;
  /** Whether a field shows the problem; otherwise the form does. */
  shownByField: boolean;
  onSubmit(values: Record<string, string>, form: HTMLFormElement): Promise<void>;
  children: ReactNode;
}

/** A form that puts the focus on the first field with an error. */
export function Form(props: FormProps) {
  const { label, submitLabel, busy, problem, shownByField, onSubmit, children } = props;
  const speaker = useSpeaker();
  const form = useRef<HTMLFormElement>(null);
  useEarlyAction(form);

  useEffect(() => {
    if (!problem) return;
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problem]);

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const entries = [...new FormData(event.currentTarget)];
    const values = Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
    void onSubmit(values, event.currentTarget);
  }

  // POST, so that a submit without scripts puts no password into the address.
  return (
    <form ref={form} method="post" noValidate aria-label={label} onSubmit={submit} data-waits="">
      {children}
      {problem && !shownByField && (
        <p role="alert" className="error">
          {problem.message}
        </p>
      )}
      <button type="submit" className="primary" disabled={busy}>
        {busy ? speaker.say(FORM.busy) : submitLabel}
      </button>
    </form>
  );
}
