/** Amounts over days, stacked by what they were for. Whoever cannot see it has the same in the table below it. */
import { useEffect, useRef } from "preact/hooks"
import UPlot from "uplot"

export type Series = { readonly name: string; readonly values: readonly number[] }

export type ChartProps = {
  readonly label: string
  /** Seconds since 1970, ascending. */
  readonly times: readonly number[]
  readonly series: readonly Series[]
  readonly words: (value: number) => string
}

const heightPx = 200
const colorCount = 6

export function StackedBars({ label, times, series, words }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const own = place.current
    if (!own) return undefined
    let plot = drawn(own, { times, series, words })
    const redraw = () => {
      plot.destroy()
      plot = drawn(own, { times, series, words })
    }
    const scheme = matchMedia("(prefers-color-scheme: dark)")
    scheme.addEventListener("change", redraw)
    const watcher = new ResizeObserver(() => plot.setSize({ width: own.clientWidth, height: heightPx }))
    watcher.observe(own)
    return () => {
      scheme.removeEventListener("change", redraw)
      watcher.disconnect()
      plot.destroy()
    }
  }, [times, series])
  return (
    <figure class="chart">
      <div ref={place} role="img" aria-label={label} />
      <figcaption>
        {series.map(({ name }, at) => (
          <span key={name} class={`key c${(at % colorCount) + 1}`}>
            <bdi>{name}</bdi>
          </span>
        ))}
      </figcaption>
    </figure>
  )
}

function drawn(place: HTMLElement, { times, series, words }: Omit<ChartProps, "label">): UPlot {
  const style = getComputedStyle(document.documentElement)
  const color = (name: string) => style.getPropertyValue(name).trim()
  const quiet = { stroke: color("--quiet"), grid: { stroke: color("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" }
  const bars = UPlot.paths.bars?.({ size: [0.72, 48] })
  const stacked = series.map((_, at) => times.map((__, x) => series.slice(0, at + 1).reduce((sum, { values }) => sum + (values[x] ?? 0), 0)))
  // The tallest first, so that each stands before what it is stacked upon.
  const layers = series.map((one, at) => ({ one, at })).reverse()
  const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" })
  const half = 43_200
  return new UPlot(
    {
      width: Math.max(200, place.clientWidth),
      height: heightPx,
      padding: [10, 8, 0, 0],
      cursor: { show: false },
      legend: { show: false },
      scales: {
        x: { time: true, range: () => [(times[0] ?? 0) - half, (times.at(-1) ?? 0) + half] },
        y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] },
      },
      axes: [
        { ...quiet, grid: { show: false }, values: (_, splits) => splits.map((at) => day.format(new Date(at * 1_000))), space: 70, size: 26 },
        { ...quiet, values: (_, splits) => splits.map(words), size: 64 },
      ],
      series: [
        {},
        ...layers.map(({ at }) => ({ fill: color(`--c${(at % colorCount) + 1}`), width: 0, points: { show: false }, ...(bars ? { paths: bars } : {}) })),
      ],
    },
    [[...times], ...layers.map(({ at }) => stacked[at] ?? [])],
    place,
  )
}
