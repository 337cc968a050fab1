/** Whether a call that was only late is measured and told, and fails no test. */
export const isAtAnySpeed = process.env['FAULT_ANY_SPEED'] !== undefined;
