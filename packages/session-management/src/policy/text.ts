/** Control characters, which PostgreSQL (NUL) and log lines cannot carry. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

/** Half of a surrogate pair, which is no character. */
const LONE_SURROGATE = /\p{Surrogate}/gu;

/** Longest address and User-Agent that a session keeps, in characters. */
export const IP_LENGTH = 64;
export const USER_AGENT_LENGTH = 512;
/** Longest name that a user gives a device, in characters. */
const LABEL_LENGTH = 64;

/** Text from outside, made fit to store and show: no control characters, well-formed, at most `most` characters. */
export function cleanText(text: string, most: number): string {
  return text.replace(CONTROL, '').slice(0, most).replace(LONE_SURROGATE, '\ufffd');
}

/** What a user calls a device, fit to store and show; `null` where nothing is left of it. */
export function labelOf(text: string): string | null {
  return cleanText(text.trim(), LABEL_LENGTH).trim() || null;
}
