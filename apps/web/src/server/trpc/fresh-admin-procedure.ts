import { adminProcedure, freshProcedure } from '@repo/session-management/trpc';

/** The role is that of PostgreSQL at this moment, and who has it has just proved who they are. */
export const freshAdminProcedure = freshProcedure.concat(adminProcedure);
