import Link from 'next/link';
import type { Locale } from '../texts/locale.ts';
import type { Speaker } from '../texts/speaker.ts';
import type { Gapless, LinkOf, Text } from '../texts/text.ts';

interface SentenceProps<T extends Text> {
  speaker: Speaker;
  text: T & Gapless<T>;
  /** Where each link of the text leads. */
  links: Readonly<Record<LinkOf<T[Locale]>, string>>;
}

/** A text whose words are links, wherever its language puts them. */
export function Sentence<T extends Text>({ speaker, text, links }: SentenceProps<T>) {
  const known: Text = text;
  const targets = new Map<string, string>(Object.entries(links));
  // Split by two groups: words between links, then name and words of a link, and so on.
  const [first = '', ...rest] = speaker.say(known).split(/<(\w+)>([^<]*)<\/\w+>/);
  const linked = [];
  for (let at = 0; at + 2 < rest.length; at += 3) {
    const [name = '', words = '', after = ''] = rest.slice(at, at + 3);
    linked.push({ href: targets.get(name) ?? '/', words, after });
  }
  return (
    <p>
      {first}
      {linked.map(({ href, words, after }) => (
        <span key={href}>
          <Link href={href}>{words}</Link>
          {after}
        </span>
      ))}
    </p>
  );
}
