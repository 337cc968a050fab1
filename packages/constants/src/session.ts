/** Modes, and the upper bounds of the options that talk to the stores. */
export const SESSION_CONSTANTS = Object.freeze({
  ENVIRONMENTS: Object.freeze({
    MOCK: 'mock',
    DEVELOPMENT: 'development',
    PRODUCTION: 'production',
  } as const),
  DATABASE: Object.freeze({
    /** Default size of the one PostgreSQL pool of a process. */
    MAX_CONNECTIONS: 10,
    /** Longest wait for a connection that an option may ask for, in milliseconds. */
    CONNECTION_TIMEOUT: 30_000,
  } as const),
  REDIS: Object.freeze({
    /** Most tries of one command. Reconnecting goes on for ever. */
    MAX_RETRIES: 3,
  } as const),
} as const);
