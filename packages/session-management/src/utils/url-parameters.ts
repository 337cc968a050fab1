/** A parameter of a URL that is refused, and what to do about it. */
export interface RefusedParameter {
  name: string;
  why: string;
}

/** What a driver would not read either, and what a password becomes that is not percent-encoded. */
export const FRAGMENT =
  'what stands after # is not read. Do: remove it; a # in a password is written %23';

/** For parameters that may be the rest of a password: these are counted, never repeated. */
const UNNAMED =
  'what stands after ? is not read as parameters. ' +
  'Do: remove it; characters such as @, /, ? and # in a password are percent-encoded';

const NAME = /^\w{1,63}$/;

/**
 * The words for refused parameters: each by its name, none by its value.
 *
 * @param search - From `?` on, as it is written.
 * @param taken - What may stand there.
 */
export function refusalWords(
  search: string,
  refused: readonly RefusedParameter[],
  taken: string,
): string {
  // A password with a ? in it ends the host too early, and the URL goes on with @; one with a & in it goes on
  // as a parameter.
  const afterPassword = /[?&]password=/.test(search) && refused.some(isAnother);
  const mayBePassword = search.includes('@') || afterPassword;
  if (mayBePassword || !refused.every(({ name }) => NAME.test(name))) return UNNAMED;
  const each = refused.map(({ name, why }) => `the parameter ${name} ${why}`);
  return `${each.join('; ')}. Taken: ${taken}`;
}

function isAnother({ name }: RefusedParameter): boolean {
  return name !== 'password';
}

/** A parameter that nobody reads. @param instead - What has its meaning here. */
export function notRead(name: string, instead: string | undefined): RefusedParameter {
  return { name, why: `is not read: ${instead ?? 'remove it'}` };
}
