import { currentSpeaker } from '../server/speaker.ts';
import { FRAME } from '../texts/frame.ts';
import { LOCALES, type Locale } from '../texts/locale.ts';

/** Each language as it calls itself, for those who read only that one. */
const NAMES: Record<Locale, string> = { en: 'English', ru: 'Русский' };

/** The languages that this page could be in. A form, so that it works without a script and no link prefetch switches. */
export async function LocaleSwitch() {
  const speaker = await currentSpeaker();
  const others = LOCALES.filter((locale) => locale !== speaker.locale);
  return (
    <footer>
      {others.map((locale) => (
        <form
          key={locale}
          method="post"
          action={`/locale/${locale}`}
          aria-label={speaker.say(FRAME.language)}
        >
          <button type="submit" lang={locale}>
            {NAMES[locale]}
          </button>
        </form>
      ))}
    </footer>
  );
}
