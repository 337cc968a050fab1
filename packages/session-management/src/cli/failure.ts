/** A command could not be done, for a reason that is no fault of the stores: exit code 1 and one line. */
export class Failure extends Error {}
