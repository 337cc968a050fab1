import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

const BINDINGS = createRequire(import.meta.url).resolve(
  '@prisma/schema-engine-wasm/schema_engine_bg',
);

/** As Node has it; the library of types that we compile with is the language's alone. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: object,
  ): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

/** PostgreSQL's one-byte type "char", of which its catalogue is full and which Prisma's driver refuses. */
const CHAR = 18;
const NAME = 19;

export interface SchemaComparison {
  /** What must be done to the database so that it is what `schema` says: SQL, empty when nothing. */
  driftFrom(schema: string): Promise<string>;
  close(): Promise<void>;
}

/** One a process: the engine keeps views of its memory in its module. */
export async function compareSchemas(
  databaseUrl: string,
  schema: string,
): Promise<SchemaComparison> {
  const pool = new CharPool({ connectionString: databaseUrl });
  const engine = await startEngine(pool, schema);
  const filesOf = (content: string) => [{ path: 'schema.prisma', content }];
  return {
    driftFrom: async (wanted) => {
      const { stdout } = await engine.diff({
        from: { tag: 'schemaDatasource', files: filesOf(schema), configDir: '' },
        to: { tag: 'schemaDatamodel', files: filesOf(wanted) },
        script: true,
        exitCode: null,
        filters: { externalTables: [], externalEnums: [] },
      });
      return (stdout ?? '').replace('-- This is an empty migration.', '').trim();
    },
    close: () => pool.end(),
  };
}

/** Prisma's own schema engine, compiled to WebAssembly: the binary one would have to be downloaded. */
async function startEngine(pool: CharPool, schema: string): Promise<bindings.SchemaEngine> {
  const bytes = await readFile(BINDINGS.replace(/\.js$/, '.wasm'));
  const { instance } = await WebAssembly.instantiate(bytes, {
    './schema_engine_bg.js': { ...bindings },
  });
  const start = instance.exports['__wbindgen_start'];
  bindings.__wbg_set_wasm(instance.exports);
  if (typeof start === 'function') start();
  const adapters = bindMigrationAwareSqlAdapterFactory(readingChars(pool));
  return bindings.SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => {}, adapters);
}

/** Tells Prisma's driver that the columns are names, and remembers which were "char". */
class CharPool extends pg.Pool {
  readonly chars = new WeakMap<object, number[]>();

  override async query(...parameters: unknown[]): Promise<never> {
    const result = await Reflect.apply(super.query, this, parameters);
    const chars: number[] = [];
    result.fields.forEach((field: { dataTypeID: number }, index: number) => {
      if (field.dataTypeID !== CHAR) return;
      field.dataTypeID = NAME;
      chars.push(index);
    });
    this.chars.set(result.rows, chars);
    return result as never;
  }
}

/** Tells the engine which of the columns are one character. */
function readingChars(pool: CharPool): SqlMigrationAwareDriverAdapterFactory {
  const factory = new PrismaPg(pool);
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connectToShadowDb: () => factory.connectToShadowDb(),
    connect: async () => {
      const adapter = await factory.connect();
      const queryRaw = adapter.queryRaw.bind(adapter);
      adapter.queryRaw = async (query) => {
        const result = await queryRaw(query);
        for (const index of pool.chars.get(result.rows) ?? []) {
          result.columnTypes[index] = ColumnTypeEnum.Character;
        }
        return result;
      };
      return adapter;
    },
  };
}
