const FORMAT = new Intl.DateTimeFormat('en', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
});

/** An instant, said in UTC: the server does not know the visitor's zone. */
export function Moment({ at }: { at: Date | number }) {
  const instant = new Date(at);
  return <time dateTime={instant.toISOString()}>{FORMAT.format(instant)} UTC</time>;
}
