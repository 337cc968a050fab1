export type * from './config.ts';
export * from './errors.ts';
export type * from './interfaces.ts';
export type * from './ports.ts';
