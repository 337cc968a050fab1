import type { PgBouncerOptions, TcpProxy } from '@repo/local-stores';

export interface StageOptions {
  /** Application processes; 3 unless told. */
  processes?: number | undefined;
  /** Whether process 0 is the one that carries what others leave, at first; unless told, any may be. */
  firstCarries?: boolean | undefined;
  /** Whether each process reaches each store through a proxy of its own. */
  proxied?: boolean | undefined;
  users?: number | undefined;
  sessionsPerUser?: number | undefined;
  env?: Record<string, string> | undefined;
  /** The folder of another build of the package. */
  packageFolder?: string | undefined;
  /** Whether a PgBouncer in transaction mode stands before PostgreSQL, and what else there is. */
  pooler?: PgBouncerOptions | undefined;
  /** A fast store of more than one node, instead of the single one. */
  fastStore?: (() => Promise<FastStore>) | undefined;
}

/** What a process is started with besides what its stage says. */
export interface StartOptions {
  /** A program that runs Node, such as `strace`, with its arguments. */
  under?: readonly string[] | undefined;
  /** The folder of another build of the package. */
  packageFolder?: string | undefined;
}

/** Where copies are kept. */
export interface FastStore {
  url: string;
  /** The ports of its masters now. */
  masters(): Promise<number[]>;
  close(): Promise<void>;
}

/** The proxies of one process. */
export interface Links {
  postgres: TcpProxy;
  redis: TcpProxy;
}
