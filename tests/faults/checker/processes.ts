import type { History, ProcessReport, Violation } from '../harness/history.ts';

/** P-1: no process crashed, left a rejection alone or leaked a connection. */
export function health({ processes }: History): Violation[] {
  return processes.flatMap((report) =>
    complaints(report).map((what) => ({ rule: 'P-1', what: `${report.name}: ${what}` })),
  );
}

/** no token stands in what a process wrote. */
export function secrecy({ processes }: History): Violation[] {
  return processes
    .filter(({ tokensInOutput }) => tokensInOutput > 0)
    .map(({ name, tokensInOutput }) => ({
      rule: 'X-1',
      what: `${tokensInOutput} tokens stand in the output of ${name}`,
    }));
}

function complaints({ crashed, faults, sockets }: ProcessReport): string[] {
  const leaked = sockets.after - sockets.before > sockets.allowed;
  return [
    ...faults,
    ...(crashed ? ['it ended by itself'] : []),
    ...(leaked ? [`${sockets.after} sockets are open, ${sockets.before} were before`] : []),
  ];
}
