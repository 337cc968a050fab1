import type { Locale } from './locale.ts';

/** One text in every language. `{name}` is a gap, `<name>words</name>` a link. */
export type Text = Readonly<Record<Locale, string>>;

/** The texts of one part of the pages. `as const satisfies Texts` has the compiler look for both languages and know the gaps. */
export type Texts = Readonly<Record<string, Text>>;

/** A text that depends on a number, `{count}`, in the forms that each language has for it. */
export interface CountedText {
  en: Forms<'one'>;
  ru: Forms<'one' | 'few' | 'many'>;
}

/** `other`: any other number, such as a fraction. */
type Forms<Form extends Intl.LDMLPluralRule> = Readonly<Record<Form | 'other', string>>;

/** Names of the gaps of a text. */
export type GapOf<Words extends string> = Words extends `${string}{${infer Name}}${infer Rest}`
  ? Name | GapOf<Rest>
  : never;

/** Names of the links of a text. */
export type LinkOf<Words extends string> = Words extends `${string}</${infer Name}>${infer Rest}`
  ? Name | LinkOf<Rest>
  : never;

/** `never` for a text with gaps, so that none is said with its gaps open. */
export type Gapless<T extends Text> = [GapOf<T[Locale]>] extends [never] ? T : never;
