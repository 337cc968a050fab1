import type { Locale } from './locale.ts';
import type { CountedText, Gapless, GapOf, Text } from './text.ts';

/** Longest first; in milliseconds. */
const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** Says texts, numbers and instants in one language. */
export class Speaker {
  readonly locale: Locale;

  constructor(locale: Locale) {
    this.locale = locale;
  }

  say<T extends Text>(text: T & Gapless<T>): string {
    return text[this.locale];
  }

  /** A text with its gaps filled. */
  fill<T extends Text>(text: T, values: Readonly<Record<GapOf<T[Locale]>, string>>): string {
    return filled(text[this.locale], values);
  }

  /** The form of a text that goes with a number, its `{count}` filled. */
  count(text: CountedText, count: number): string {
    const forms: Partial<Record<Intl.LDMLPluralRule, string>> & { other: string } =
      text[this.locale];
    const form = forms[new Intl.PluralRules(this.locale).select(count)] ?? forms.other;
    return filled(form, { count: this.number(count) });
  }

  number(value: number): string {
    return new Intl.NumberFormat(this.locale).format(value);
  }

  /** @param share - 0 to 1. */
  percent(share: number): string {
    const options = { style: 'percent', maximumFractionDigits: 1 } as const;
    return new Intl.NumberFormat(this.locale, options).format(share);
  }

  milliseconds(value: number): string {
    const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 } as const;
    const options = { style: 'unit', unit: 'millisecond', ...digits } as const;
    return new Intl.NumberFormat(this.locale, options).format(value);
  }

  /** An instant, said in UTC: the server does not know the visitor's zone. */
  instant(at: Date): string {
    const options = { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' } as const;
    return `${new Intl.DateTimeFormat(this.locale, options).format(at)} UTC`;
  }

  /** How long ago, in whole units of the longest that fits. Clocks differ: the future is now. */
  ago(elapsedMs: number): string {
    const past = Math.max(0, elapsedMs);
    const [unit, length] = UNITS.find(([, ms]) => past >= ms) ?? (['second', 1_000] as const);
    const format = new Intl.RelativeTimeFormat(this.locale, { numeric: 'auto' });
    return format.format(-Math.floor(past / length), unit);
  }
}

export const SPEAKERS: Readonly<Record<Locale, Speaker>> = {
  en: new Speaker('en'),
  ru: new Speaker('ru'),
};

/** In one go, so that a value that looks like a gap is left as it is. */
function filled(words: string, values: Readonly<Record<string, string>>): string {
  return words.replace(/\{(\w+)\}/g, (gap, name: string) => values[name] ?? gap);
}
