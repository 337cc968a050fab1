/** What decides whether a request may change something. Header values as received. */
export interface OriginEvidence {
  method: string | undefined;
  contentType: string | null | undefined;
  origin: string | null | undefined;
  secFetchSite: string | null | undefined;
  host: string | null | undefined;
  /** The configured public address; without one, the request's own host counts. */
  publicUrl?: string | undefined;
}

/** `method`: neither a read nor a POST (405). `cross-site`: a foreign page (403). `content-type`: no JSON (415). */
export type OriginRefusal = 'method' | 'cross-site' | 'content-type';

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Why a request may change nothing here; `null` when it may, or only reads.
 *
 * A change needs POST, a JSON body, and proof of the same origin from every header that a browser
 * adds: `Sec-Fetch-Site` and `Origin`. A request with neither does not come from a browser and passes.
 */
export function sameOriginRefusal(evidence: OriginEvidence): OriginRefusal | null {
  if (READS.has(evidence.method ?? '')) return null;
  if (evidence.method !== 'POST') return 'method';
  if (!isOurSite(evidence.secFetchSite)) return 'cross-site';
  if (!isOurOrigin(evidence)) return 'cross-site';
  if (!isJson(evidence.contentType)) return 'content-type';
  return null;
}

function isOurSite(secFetchSite: string | null | undefined): boolean {
  return secFetchSite == null || secFetchSite === 'same-origin' || secFetchSite === 'none';
}

function isOurOrigin({ origin, host, publicUrl }: OriginEvidence): boolean {
  if (origin == null) return true;
  if (publicUrl !== undefined) return origin === new URL(publicUrl).origin;
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}

function isJson(contentType: string | null | undefined): boolean {
  return /^application\/json *(;|$)/i.test(contentType?.trim() ?? '');
}
