/*
 * Ids and numbers in short text with one form for each value, which a script reads as well:
 * `tonumber(text, 36)`.
 */

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A uuid in 22 characters; the last one has four bits to spare, which are zero. */
const SHORT_UUID = /^[\w-]{21}[AQgw]$/;

/** In front of an id that is no uuid, and of a span that is no whole number of seconds. */
const OTHER = '~';

/** Whole, as PostgreSQL's instants and versions are. */
export function packNumber(value: number): string {
  return Math.round(value).toString(36);
}

/** Of what has the form of a packed number; `NaN` where no number is exactly that. */
export function unpackNumber(text = ''): number {
  const value = Number.parseInt(text, 36);
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

/** Milliseconds, as seconds where they are whole. */
export function packSpan(ms: number): string {
  return ms % 1_000 === 0 ? packNumber(ms / 1_000) : OTHER + packNumber(ms);
}

/** `NaN` for what `packSpan` would not have given. */
export function unpackSpan(text: string): number {
  const ms = text.startsWith(OTHER)
    ? unpackNumber(text.slice(OTHER.length))
    : 1_000 * unpackNumber(text);
  return packSpan(ms) === text ? ms : Number.NaN;
}

/** A uuid as 22 characters; `null` for any other text. */
export function shortUuid(id: string): string | null {
  if (!UUID.test(id)) return null;
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
}

export function packId(id: string): string {
  return shortUuid(id) ?? OTHER + Buffer.from(id).toString('base64url');
}

/** `null` for what `packId` would not have given. */
export function unpackId(text: string): string | null {
  if (!text.startsWith(OTHER)) return SHORT_UUID.test(text) ? longUuid(text) : null;
  const id = Buffer.from(text.slice(OTHER.length), 'base64url').toString();
  return id !== '' && packId(id) === text ? id : null;
}

function longUuid(text: string): string {
  const hex = Buffer.from(text, 'base64url').toString('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return `${parts.join('-')}-${hex.slice(20)}`;
}
