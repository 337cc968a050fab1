export type * from './config.ts';
export type * from './copies.ts';
export * from './errors.ts';
export type * from './interfaces.ts';
export type * from './manager-parts.ts';
export type * from './propagation.ts';
export type * from './pushes.ts';
export type * from './records.ts';
export type * from './tools.ts';
