// Runs the commands of Prisma that need no engine binary, so that nothing is downloaded.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { environment, isProgram, main, Problem, ROOT, runTool } from './steps.mjs';

const COMMANDS = ['generate', 'validate', 'format'];
const PACKAGE = join(ROOT, 'packages', 'session-management');
const CLIENT = join(PACKAGE, 'src', 'generated', 'prisma', 'client.ts');
const STAMP = join(PACKAGE, 'src', 'generated', 'schema.sha256');

/** Runs `prisma generate`, `validate` or `format` on the schema of session-management. */
export function prisma(command) {
  const env = environment({
    CHECKPOINT_DISABLE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    // Prisma wants an engine that it would download. These commands never start it; one that
    // does would fail on Node in its place, and not pass in silence.
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  });
  return runTool('prisma', [command], { cwd: PACKAGE, env });
}

/** Generates the client if the schema or Prisma changed since the last time. */
export async function ensureClient() {
  const wanted = fingerprint();
  if (existsSync(CLIENT) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) {
    return 'up to date';
  }
  await prisma('generate');
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, wanted);
  return 'generated';
}

function fingerprint() {
  const hash = createHash('sha256');
  hash.update(readFileSync(join(PACKAGE, 'prisma', 'schema.prisma')));
  hash.update(readFileSync(join(ROOT, 'node_modules', 'prisma', 'package.json')));
  return hash.digest('hex');
}

if (isProgram(import.meta.url)) {
  await main(async () => {
    const [command, ...rest] = process.argv.slice(2);
    if (!COMMANDS.includes(command) || rest.length > 0) {
      throw new Problem(`usage: node scripts/prisma.mjs ${COMMANDS.join(' | ')}`);
    }
    process.stdout.write(await prisma(command));
  });
}
