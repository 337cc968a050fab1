/** An administrator in the place of a user: who, and by which session of theirs. */
export interface SessionActor {
  readonly userId: string;
  readonly handle: string;
}
