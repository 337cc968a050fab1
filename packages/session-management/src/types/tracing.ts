/** One trip to a store as a trace shows it: never a key, a value or the text of a statement. */
interface Trip {
  system: 'postgresql' | 'redis';
  /** The name of a statement of ours, or of a command. */
  operation: string;
}

/** Shows trips to whoever traces this process. */
export interface TripTracer {
  /** Runs the work within a span of its own. What it gives or throws goes on unchanged. */
  trace<T>(trip: Trip, work: () => Promise<T>): Promise<T>;
}
