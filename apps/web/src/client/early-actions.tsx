'use client';

import { type RefObject, useEffect } from 'react';

/** A form or button with `data-waits`: what it does needs the script of the page. */
type Waiting = (HTMLFormElement | HTMLButtonElement) & {
  /** Its script is there. */
  ready?: boolean;
  /** It was submitted or clicked before. */
  early?: boolean;
};

const KEEP_EARLY_ACTIONS = `for (const kind of ['submit', 'click']) addEventListener(kind, (event) => {
  const waiting = kind === 'submit' ? event.target : event.target.closest('button[data-waits]');
  if (!waiting || !('waits' in waiting.dataset) || waiting.ready) return;
  event.preventDefault();
  event.stopPropagation();
  waiting.early = true;
}, true);`;

/**
 * In the page before everything else. A visitor may type and press Enter, or click, before the script
 * of the page has loaded: the browser would load the page anew without what was typed, or do nothing.
 */
export function EarlyActions() {
  // biome-ignore lint/security/noDangerouslySetInnerHtml: a constant, and React would escape its quotes.
  return <script dangerouslySetInnerHTML={{ __html: KEEP_EARLY_ACTIONS }} />;
}

/** Does now what was asked for too early. */
export function useEarlyAction(
  element: RefObject<HTMLFormElement | HTMLButtonElement | null>,
): void {
  useEffect(() => {
    const waiting: Waiting | null = element.current;
    if (waiting === null) return;
    waiting.ready = true;
    if (!waiting.early) return;
    waiting.early = false;
    if (waiting instanceof HTMLFormElement) waiting.requestSubmit();
    else waiting.click();
  }, [element]);
}
