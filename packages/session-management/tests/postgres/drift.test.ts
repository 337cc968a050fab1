import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migratedDatabase, type TestDatabase } from './database.ts';
import { compareSchemas, type SchemaComparison } from './schema-engine.ts';

describe('the migrations', () => {
  let database: TestDatabase;
  let comparison: SchemaComparison;
  let schema: string;

  beforeAll(async () => {
    database = await migratedDatabase();
    schema = await readFile(new URL('../../prisma/schema.prisma', import.meta.url), 'utf8');
    comparison = await compareSchemas(database.url, schema);
  });

  afterAll(async () => {
    await comparison.close();
    await database.close();
  });

  it('make exactly the database that schema.prisma describes', async () => {
    expect(await comparison.driftFrom(schema)).toBe('');
  });

  it('are seen to differ when the schema says something else', async () => {
    const other = schema.replace('lastLoginAt    DateTime?', 'lastLoginAt    DateTime');

    expect(await comparison.driftFrom(other)).toContain('"lastLoginAt" SET NOT NULL');
  });
});
