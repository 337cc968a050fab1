-- What a user calls a device. Only the user's own list shows it, so it is no change that travels:
-- the version stays, and processes of the version before this one never read it.

ALTER TABLE "Session" ADD COLUMN "label" TEXT;
ALTER TABLE "Session" ADD CONSTRAINT "Session_label_check" CHECK (length("label") BETWEEN 1 AND 64);
