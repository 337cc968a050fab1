import { authJsJwt, authJsPg } from './auth-js.mjs';
import { betterAuthBoth, betterAuthCache, betterAuthPg, betterAuthRedis } from './better-auth.mjs';
import { getByIoredis, getByNodeRedis, memory, selectByKey } from './limits.mjs';
import { connectRedis, lucia } from './others.mjs';
import { ourCases } from './ours.mjs';
import { seedPg, seedPrisma } from './seed.mjs';
import { ironSession, joseHs256 } from './stateless.mjs';

/** Every way to check a session that is measured, limits first. */
export function allCases(shared) {
  return [
    memory,
    getByNodeRedis,
    getByIoredis,
    selectByKey,
    ...ourCases(shared),
    seedPrisma,
    seedPg,
    betterAuthPg,
    betterAuthRedis,
    betterAuthBoth,
    betterAuthCache,
    authJsPg,
    authJsJwt,
    connectRedis,
    ironSession,
    joseHs256,
    lucia,
  ];
}
