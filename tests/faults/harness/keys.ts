import { createHash } from 'node:crypto';
import { digestOf, type Issued } from './recorder.ts';
import type { Stage } from './stage.ts';

const DEPLOYMENT =
  'SELECT current_database() AS database, system_identifier::text AS system FROM pg_control_system()';
const TAG = 6;

export function sessionKeyOf(session: Issued): string {
  return `session:${digestOf(session)}`;
}

/** The names of users' keys, made by no code of the product. Ids of users are uuids here. */
export async function userKeys(stage: Stage): Promise<(userId: string) => string> {
  const [row] = await stage.sql<{ database: string; system: string }>(DEPLOYMENT);
  const deployment = JSON.stringify([row?.system, row?.database, 'sessions', 0]);
  const tag = createHash('sha256').update(deployment).digest('base64url').slice(0, TAG);
  return (userId) =>
    `su:${tag}:${Buffer.from(userId.replaceAll('-', ''), 'hex').toString('base64url')}`;
}
