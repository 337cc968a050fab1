/**
 * Where a form's answer sends the visitor: to the page that held the form, `/` where none is known.
 *
 * Takes only the path, so that it never leads to another site; `//host` would.
 */
export function wayBack(referer: string | null): string {
  if (referer === null || !URL.canParse(referer)) return '/';
  const { pathname, search } = new URL(referer);
  return /^\/(?!\/)/.test(pathname) ? pathname + search : '/';
}
