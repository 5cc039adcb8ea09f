// A share of the machine over the last two minutes, drawn, and told in words to whoever does not see it.
import { useTranslation } from "react-i18next"
import { type ActivitySample, type ChartPoint, chartLines, historyRange } from "./activity-history.ts"
import classes from "./history-chart.module.css"

export interface HistoryChartProps {
  readonly name: string
  readonly history: readonly ActivitySample[]
  readonly read: (sample: ActivitySample) => number | null
}

const WIDTH = 240
const HEIGHT = 72
/** The line is as thick as this, so that 0 and 1 are not cut off. */
const EDGE = 2

export function HistoryChart({ name, history, read }: HistoryChartProps) {
  const { t, i18n } = useTranslation("system")
  const lines = chartLines(history, read)
  const range = historyRange(history, read)
  const percent = (share: number): string =>
    new Intl.NumberFormat(i18n.language, { style: "percent", maximumFractionDigits: 0 }).format(share)
  const words =
    range === undefined
      ? t("chart.empty", { name })
      : t("chart.words", {
          name,
          now: percent(range.now),
          least: percent(range.least),
          most: percent(range.most),
        })
  return (
    <svg
      className={classes.chart}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={words}
    >
      <line className={classes.half} x1={0} x2={WIDTH} y1={HEIGHT / 2} y2={HEIGHT / 2} />
      <path className={classes.area} d={lines.map(areaOf).join("")} />
      <path className={classes.line} d={lines.map(pathOf).join("")} />
    </svg>
  )
}

const across = ({ x }: ChartPoint): string => (x * WIDTH).toFixed(1)
const down = ({ y }: ChartPoint): string => (EDGE + (1 - y) * (HEIGHT - 2 * EDGE)).toFixed(1)

const pathOf = (line: readonly ChartPoint[]): string =>
  `M${line.map((point) => `${across(point)} ${down(point)}`).join("L")}${line.length === 1 ? "h0" : ""}`

function areaOf(line: readonly ChartPoint[]): string {
  const [first] = line
  const last = line.at(-1)
  if (first === undefined || last === undefined || line.length === 1) return ""
  return `${pathOf(line)}L${across(last)} ${HEIGHT}L${across(first)} ${HEIGHT}Z`
}
