import { ConfigurationInvalidError } from '@repo/session-management';
import {
  type CookieSettings,
  cookieSettings,
  isLoopback,
  parseTrustedProxies,
  type TrustedProxies,
} from '@repo/session-management/node';
import { z } from 'zod';

/** What the application itself takes from the environment. The stores' variables are the session package's. */
export interface WebEnvironment {
  production: boolean;
  /** `PUBLIC_URL`: where visitors reach us; `undefined` when not told. */
  publicUrl: string | undefined;
  /** `TRUSTED_PROXIES`: whose `X-Forwarded-For` is believed; nobody's unless told. */
  trustedProxies: TrustedProxies;
  /** `METRICS_TOKEN`: who carries it may read `/api/metrics`; nobody unless told. */
  metricsToken: string | undefined;
  /** `CRON_SECRET`: who carries it may call `/api/cron/cleanup`; nobody unless told. */
  cronSecret: string | undefined;
  /** Follows from `PUBLIC_URL` and `NODE_ENV`. */
  cookie: CookieSettings;
}

let known: WebEnvironment | null = null;

/**
 * Reads at the first call, at run time: a build knows nothing of the place it will run in.
 * @throws {ConfigurationInvalidError} naming the variable, what it got and what it takes.
 */
export function webEnvironment(): WebEnvironment {
  known ??= parseEnvironment(process.env);
  return known;
}

/** As {@link webEnvironment}, from given variables. */
export function parseEnvironment(variables: Record<string, string | undefined>): WebEnvironment {
  // Not `variables.NODE_ENV`: the bundler would put in the value of the build.
  const production = Reflect.get(variables, 'NODE_ENV') === 'production';
  const publicUrl = readPublicUrl(Reflect.get(variables, 'PUBLIC_URL') || undefined, production);
  return {
    production,
    publicUrl,
    trustedProxies: readTrustedProxies(Reflect.get(variables, 'TRUSTED_PROXIES') || ''),
    metricsToken: readToken('METRICS_TOKEN', Reflect.get(variables, 'METRICS_TOKEN')),
    cronSecret: readToken('CRON_SECRET', Reflect.get(variables, 'CRON_SECRET')),
    cookie: cookieSettings({ publicUrl, production }),
  };
}

const httpUrl = z.url({ protocol: /^https?$/ });

function readPublicUrl(got: string | undefined, production: boolean): string | undefined {
  if (got === undefined) return undefined;
  if (!httpUrl.safeParse(got).success) {
    throw wrong('PUBLIC_URL', got, 'an address such as https://app.example');
  }
  const { protocol, hostname } = new URL(got);
  // A browser drops a Secure cookie that comes over http: nobody could stay signed in.
  if (production && protocol === 'http:' && !isLoopback(hostname)) {
    throw wrong('PUBLIC_URL', got, 'an https:// address in production, or a loopback host');
  }
  return got;
}

function readTrustedProxies(got: string): TrustedProxies {
  const entries = got.split(',').map((entry) => entry.trim());
  try {
    return parseTrustedProxies(entries.filter((entry) => entry !== ''));
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw wrong('TRUSTED_PROXIES', got, 'IP addresses and CIDR ranges, separated by commas');
  }
}

/** As a header can carry it. The error does not show it: it is a secret. */
const bearerToken = z.string().regex(/^[\w.~+/-]{16,}=*$/);

function readToken(name: string, got: string | undefined): string | undefined {
  if (!got) return undefined;
  if (bearerToken.safeParse(got).success) return got;
  throw new ConfigurationInvalidError(
    `${name} has ${got.length} characters that are not shown; it takes at least 16 letters, digits or "-._~+/"`,
  );
}

function wrong(name: string, got: string, takes: string): ConfigurationInvalidError {
  return new ConfigurationInvalidError(`${name} is ${JSON.stringify(got)}; it takes ${takes}`);
}
