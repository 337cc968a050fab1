export {
  createUserManager,
  EmailTakenError,
  type MockUserManager,
  userManager,
} from './mock/user-manager.ts';
export { SAMPLE_PASSWORD, sampleUsers } from './mock/users.ts';
export { generateSessionId } from './session-id.ts';
export { type CreateUserData, normalizeEmail, type User, UserRole } from './user.ts';
