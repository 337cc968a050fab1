import { useState } from 'react';
import { FORM } from '../texts/forms.ts';
import { type Problem, problemOf } from './api.ts';
import { useSpeaker } from './speaker.tsx';

/** One call at a time, with what went wrong last. */
export interface Action {
  busy: boolean;
  problem: Problem | null;
  /** Runs the call, unless one is under way. `true` when it was answered. */
  run(call: () => Promise<unknown>): Promise<boolean>;
}

export function useAction(): Action {
  const speaker = useSpeaker();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function run(call: () => Promise<unknown>): Promise<boolean> {
    if (busy) return false;
    setBusy(true);
    setProblem(null);
    try {
      await call();
      return true;
    } catch (error) {
      setProblem(problemOf(error, speaker.say(FORM.unreachable)));
      return false;
    } finally {
      setBusy(false);
    }
  }

  return { busy, problem, run };
}
