import Bowser from 'bowser';
import { LRUCache } from 'lru-cache';

const UNKNOWN_DEVICE = 'Unknown device';
const MOST_PARSED = 512;
const MOST_SHOWN = 64;

/** Few devices say something new, and reading what one says costs more than reading its row. */
const MOST_REMEMBERED = 500;
const remembered = new LRUCache<string, string>({ max: MOST_REMEMBERED });

/**
 * Browser and system by name, such as `Firefox on Linux`, for a person's list of devices.
 *
 * At most 64 characters; `Unknown device` where either name is missing. A client may claim
 * anything: show it as text and decide nothing by it.
 */
export function describeDevice(userAgent: string | null): string {
  if (userAgent === null || userAgent.trim() === '') return UNKNOWN_DEVICE;
  const text = userAgent.slice(0, MOST_PARSED);
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const device = read(text);
  remembered.set(text, device);
  return device;
}

function read(userAgent: string): string {
  const parser = Bowser.getParser(userAgent);
  const browser = parser.getBrowserName();
  const system = parser.getOSName();
  if (!browser || !system) return UNKNOWN_DEVICE;
  return `${browser} on ${system}`.slice(0, MOST_SHOWN);
}
