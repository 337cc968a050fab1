import { useId } from 'react';

interface FieldProps {
  label: string;
  name: string;
  type: 'email' | 'password';
  autoComplete: string;
  /** Said below the field before anything is wrong. */
  hint?: string | undefined;
  /** What is wrong with the value; `null` while nothing is. */
  error: string | null;
}

/** A labelled input. Hint and error belong to it for screen readers too. */
export function Field({ label, name, type, autoComplete, hint, error }: FieldProps) {
  const id = useId();
  const hintId = `${id}-hint`;
  const errorId = `${id}-error`;
  const describedBy = [hint && hintId, error && errorId].filter(Boolean).join(' ');

  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        name={name}
        type={type}
        autoComplete={autoComplete}
        required
        aria-invalid={error !== null}
        aria-describedby={describedBy || undefined}
      />
      {hint && (
        <p id={hintId} className="hint">
          {hint}
        </p>
      )}
      {error && (
        <p id={errorId} className="error">
          {error}
        </p>
      )}
    </div>
  );
}
