import Bowser from 'bowser';

const UNKNOWN_DEVICE = 'Unknown device';
const MOST_PARSED = 512;
const MOST_SHOWN = 64;

/**
 * Browser and system by name, such as `Firefox on Linux`, for a person's list of devices.
 *
 * At most 64 characters; `Unknown device` where either name is missing. A client may claim
 * anything: show it as text and decide nothing by it.
 */
export function describeDevice(userAgent: string | null): string {
  if (userAgent === null || userAgent.trim() === '') return UNKNOWN_DEVICE;
  const parser = Bowser.getParser(userAgent.slice(0, MOST_PARSED));
  const browser = parser.getBrowserName();
  const system = parser.getOSName();
  if (!browser || !system) return UNKNOWN_DEVICE;
  return `${browser} on ${system}`.slice(0, MOST_SHOWN);
}
