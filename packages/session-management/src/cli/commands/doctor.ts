import { Command } from 'commander';
import type { Check } from '../../policy/diagnosis.ts';
import { counted, print, table } from '../output.ts';

/** `doctor`: exit code 0 when nothing failed, warnings allowed; 1 when something did. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'Looks at the variables, both stores, their versions, rights and clocks, and says how to mend ' +
        'what is wrong. Changes nothing.',
    )
    .option('--json', 'print one JSON object instead of text')
    .addHelpText('after', EXAMPLES)
    .action(async ({ json = false }: { json?: boolean }) => {
      const { examine } = await import('../../factories/doctor.ts');
      const checks = await examine();
      const failed = checks.some(({ status }) => status === 'fail');
      print(json, { ok: !failed, checks }, () => describe(checks));
      if (failed) process.exitCode = 1;
    });
}

const EXAMPLES = `
Exit codes: 0 nothing failed (warnings are allowed), 1 something failed, 2 wrong usage.

Examples:
  session-management doctor
  session-management doctor --json | jq '.checks[] | select(.status != "ok")'`;

function describe(checks: readonly Check[]): string {
  const lines = table(checks.map(({ found, name, status }) => [status, name, found])).split('\n');
  const mended = checks.map(({ mend }, index) =>
    mend === null ? lines[index] : `${lines[index]}\n      mend: ${mend}`,
  );
  return [...mended, '', summary(checks)].join('\n');
}

function summary(checks: readonly Check[]): string {
  const of = (status: Check['status']): number =>
    checks.filter((check) => check.status === status).length;
  return `${counted(checks.length, 'check')}: ${of('ok')} ok, ${of('warn')} to look at, ${of('fail')} failed`;
}
