/** What tells one deployment from every other: its copies count for no other, and no other's for it. */
export interface Deployment {
  /** PostgreSQL's system identifier; `null` where our role may not ask for it. */
  system: string | null;
  database: string;
  schema: string;
  /** Drawn anew where the dates of copies cannot be believed any more. */
  era: number;
}

/**
 * The names of everything that one deployment keeps in the fast store. Only those of sessions are the
 * document's; all others begin with a letter `s` of our own and carry the tag of the deployment.
 */
export interface KeyNames {
  readonly prefix: string;
  /** Six characters that stand for the deployment. */
  readonly tag: string;
  /** What the names of all users begin with. */
  readonly users: string;
  /** Ends that wait for the record. */
  readonly intents: string;
  session(digest: string, realm?: string): string;
  user(userId: string): string;
  /** Where attempts to sign in are counted. */
  attempts(name: string): string;
  /** The digest in a session's name; `null` for any other name. */
  digestIn(key: string): string | null;
  /** Stands in a session's copy and tombstone: by it they are this deployment's and this digest's. */
  check(digest: string): string;
}

/** Names the keys of the deployment as it is now: one object until they change. Ask for each call. */
export interface KeyNamesSource {
  /** `null`: the record has not said yet which deployment this is. */
  current(): KeyNames | null;
}
