import type { Deployment, SqlRunner } from '../types/index.ts';
import { ask, isForbidden } from './postgres-sql.ts';

const SCHEMA = 'sessions';

const PLACE = {
  name: 'deployment_place',
  text: 'SELECT current_database() AS database, NULL AS system',
};

const WHOLE = {
  name: 'deployment',
  text: `SELECT current_database() AS database, system_identifier::text AS system FROM pg_control_system()`,
};

/** Which database this is, of which cluster. @throws {SessionStoreUnavailableError} */
export async function readDeployment(sql: SqlRunner): Promise<Deployment> {
  const [row] = await ask<Pick<Deployment, 'database' | 'system'>>(sql, WHOLE, []).catch(
    (error: unknown) => {
      if (!isForbidden(error)) throw error;
      return ask<Pick<Deployment, 'database' | 'system'>>(sql, PLACE, []);
    },
  );
  return { system: row?.system ?? null, database: row?.database ?? '', schema: SCHEMA, era: 0 };
}
