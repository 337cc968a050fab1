export interface Bar {
  label: string;
  /** How much, said in words with its unit. */
  text: string;
  /** How much of the whole width: 0 to 1. */
  share: number;
}

const ROW = 44;
const WIDTH = 400;

/** Bars with their numbers, drawn by the server. Who does not see them is told the same. */
export function BarChart({ title, bars }: { title: string; bars: readonly Bar[] }) {
  const said = bars.map(({ label, text }) => `${label}: ${text}`).join('; ');
  return (
    <figure className="chart">
      <figcaption>{title}</figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${bars.length * ROW}`}
        role="img"
        aria-label={`${title}. ${said}`}
      >
        {bars.map(({ label, share, text }, row) => (
          <g key={label} transform={`translate(0 ${row * ROW})`}>
            <text y="16">{label}</text>
            <text x={WIDTH} y="16" textAnchor="end">
              {text}
            </text>
            <rect className="rail" y="24" width={WIDTH} height="10" rx="5" />
            <rect y="24" width={WIDTH * Math.min(1, Math.max(0, share))} height="10" rx="5" />
          </g>
        ))}
      </svg>
    </figure>
  );
}
