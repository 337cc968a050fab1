import { sameOriginRefusal } from '@repo/session-management/node';
import { webEnvironment } from '../../../env.ts';
import { emptyAnswer } from '../../../server/bearer-guard.ts';
import { localeCookie } from '../../../server/locale.ts';
import { wayBack } from '../../../server/way-back.ts';
import { isLocale } from '../../../texts/locale.ts';

export const dynamic = 'force-dynamic';

interface Choice {
  params: Promise<{ to: string }>;
}

/** The switch of the language: keeps the choice and goes back to where it was made. */
export async function POST(request: Request, { params }: Choice): Promise<Response> {
  const { to } = await params;
  if (!isLocale(to)) return emptyAnswer(404);
  if (isFromElsewhere(request)) return emptyAnswer(403);
  return emptyAnswer(303, {
    Location: wayBack(request.headers.get('referer')),
    'Set-Cookie': localeCookie(to, webEnvironment().cookie.secure),
  });
}

/** A form without fields, so there is no JSON to ask for. */
function isFromElsewhere({ headers, method }: Request): boolean {
  const refusal = sameOriginRefusal({
    method,
    contentType: 'application/json',
    origin: headers.get('origin'),
    secFetchSite: headers.get('sec-fetch-site'),
    host: headers.get('host'),
    publicUrl: webEnvironment().publicUrl,
  });
  return refusal !== null;
}
