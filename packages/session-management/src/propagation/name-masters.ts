import type { MasterNames, PresentMasters } from '../types/index.ts';

/**
 * Has the record name the masters that are met, and no other; whether there was anything to say.
 *
 * In two statements: from the commit of the first on, nobody deletes a row for a master that is to go, and
 * the second names the next from an instant after that. In one, an end that is made while the commit takes long
 * would be forgotten: taken by the old master alone, and confirmed before by the new one. A master that is
 * only out of sight keeps its name.
 */
export async function nameMasters(
  names: Pick<MasterNames, 'keepOnly' | 'name'>,
  owner: string,
  named: ReadonlyMap<string, number>,
  { isAll, names: present }: PresentMasters,
): Promise<boolean> {
  const isMet = present.every((master) => named.has(master));
  const isLeft = isAll && named.size > present.length;
  if (isMet && !isLeft) return false;

  await names.keepOnly(owner, isAll ? present : [...named.keys(), ...present]);
  await names.name(owner, present);
  return true;
}
