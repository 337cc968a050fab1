import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PACKAGE } from '../harness/package.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PARTS = ['package.json', 'dist', 'prisma'];
const NEEDLESS = /\.(d\.ts|map)$/;

/** One text of one compiled file, and what stands there instead. */
export interface Patch {
  /** Inside `dist`. */
  file: string;
  find: string;
  replace: string;
}

/** Another build of the package, for as long as it is needed. */
export interface Build {
  folder: string;
  remove(): Promise<void>;
}

/**
 * Copies the built package and patches the copy.
 *
 * @throws {Error} when a text is not there exactly once: the code has changed, and the patch with it.
 */
export async function patchedBuild(patches: readonly Patch[]): Promise<Build> {
  const folder = await mkdtemp(join(tmpdir(), 'build-'));
  const remove = () => rm(folder, { recursive: true });
  try {
    await Promise.all(PARTS.map((part) => copy(part, folder)));
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    for (const patch of patches) await apply(patch, join(folder, 'dist'));
    return { folder, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Lends a patched build out. */
export async function withBuild<T>(
  patches: readonly Patch[],
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const { folder, remove } = await patchedBuild(patches);
  try {
    return await work(folder);
  } finally {
    await remove();
  }
}

function copy(part: string, folder: string): Promise<void> {
  const filter = (source: string) => !NEEDLESS.test(source);
  return cp(join(PACKAGE, part), join(folder, part), { recursive: true, filter });
}

async function apply({ file, find, replace }: Patch, dist: string): Promise<void> {
  const path = join(dist, file);
  const pieces = (await readFile(path, 'utf8')).split(find);
  if (pieces.length !== 2) {
    throw new Error(`dist/${file} holds the text ${pieces.length - 1} times, not once:\n${find}`);
  }
  await writeFile(path, pieces.join(replace));
}
