export { AUTH_CONSTANTS } from './auth.ts';
export { SESSION_CONSTANTS } from './session.ts';
