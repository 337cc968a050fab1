const LOCALES = ['en', 'ru'] as const;
export type Locale = (typeof LOCALES)[number];

/**
 * The language of the answer by `Accept-Language` (RFC 9110): the supported one with the highest
 * weight, the first of equals; English where none is wanted.
 */
export function negotiateLocale(acceptLanguage: string | undefined): Locale {
  let best: Locale = 'en';
  let bestWeight = 0;
  for (const entry of (acceptLanguage ?? '').split(',')) {
    const [range = '', ...parameters] = entry.split(';').map((part) => part.trim());
    const locale = localeOf(range);
    const weight = weightOf(parameters);
    if (locale === null || weight <= bestWeight) continue;
    best = locale;
    bestWeight = weight;
  }
  return best;
}

function localeOf(range: string): Locale | null {
  if (range === '*') return 'en';
  const language = range.split('-')[0]?.toLowerCase();
  return LOCALES.find((locale) => locale === language) ?? null;
}

function weightOf(parameters: readonly string[]): number {
  const stated = parameters.find((parameter) => /^q=/i.test(parameter));
  if (stated === undefined) return 1;
  const weight = Number(stated.slice(2));
  return weight >= 0 && weight <= 1 ? weight : 0;
}
