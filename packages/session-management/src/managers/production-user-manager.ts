import type { ManagerParts } from '../types/index.ts';
import { SessionUserManager } from './session-user-manager.ts';

const BRAND = Symbol.for('@repo/session-management/ProductionUserManager');

/**
 * Users and sessions on PostgreSQL + Redis. Made by `UserManagerFactory`.
 *
 * `instanceof` holds across copies of this module: a bundler may load the class twice.
 */
export class ProductionUserManager extends SessionUserManager {
  readonly [BRAND] = true;

  constructor(parts: ManagerParts, realm?: string) {
    super(parts, realm);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}
