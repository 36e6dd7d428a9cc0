/** A session on one axis: who said what, which models were called and for how long, which tools, what was refused, and how the money adds up. */
import { useEffect, useMemo, useRef } from "preact/hooks"
import { axisOf, lanes, marksOf, type Axis, type Lane, type Mark } from "./axis.ts"
import type { LedgerEvent } from "./bodies.ts"
import { addressOf, goTo } from "./place.tsx"
import { framed } from "./told.ts"
import { brief, duration, money, shown } from "./words.ts"

const words: Readonly<Record<Lane, string>> = { message: "Messages", prompt: "Prompts", model: "Models", tool: "Tools", verdict: "Refused", other: "Other" }
const lanePx = 30
const moneyPx = 64
const topPx = 22

export function Timeline({ events }: { readonly events: readonly LedgerEvent[] }) {
  const { marks, axis, shownLanes } = useMemo(() => {
    const found = marksOf(events)
    return { marks: found, axis: axisOf(found), shownLanes: lanes.filter((lane) => found.some((mark) => mark.lane === lane)) }
  }, [events])
  const box = useRef<HTMLDivElement>(null)
  // The latest is what one came for.
  useEffect(() => box.current?.scrollTo({ left: axis.widthPx }), [axis])
  const total = marks.reduce((sum, { nanos }) => sum + nanos, 0)
  const bottomPx = topPx + shownLanes.length * lanePx
  const heightPx = bottomPx + (total > 0 ? moneyPx : 0) + 8
  return (
    <div class="timeline">
      <div class="lanes" aria-hidden="true" style={{ paddingTop: `${topPx}px` }}>
        {shownLanes.map((lane) => (
          <span key={lane} style={{ height: `${lanePx}px` }}>
            {words[lane]}
          </span>
        ))}
        {total > 0 ? <span style={{ height: `${moneyPx}px` }}>{money(total)}</span> : null}
      </div>
      <div class="scroll" ref={box} tabIndex={0} role="region" aria-label="Timeline; the list below tells the same">
        <svg width={axis.widthPx} height={heightPx} role="img" aria-label={`${marks.length} events on one axis`}>
          {axis.breaks.map(({ x, ms }) => (
            <g class="break" key={x}>
              <line x1={x} x2={x} y1={topPx - 4} y2={heightPx - 6} />
              <text x={x} y={12}>
                {duration(ms)}
              </text>
            </g>
          ))}
          {shownLanes.map((lane, at) => (
            <line class="lane" key={lane} x1={0} x2={axis.widthPx} y1={topPx + at * lanePx + lanePx / 2} y2={topPx + at * lanePx + lanePx / 2} />
          ))}
          {marks.map((mark) => (
            <MarkShape key={mark.event.sequence} mark={mark} axis={axis} y={topPx + shownLanes.indexOf(mark.lane) * lanePx + lanePx / 2} />
          ))}
          {total > 0 ? <Sum marks={marks} axis={axis} top={bottomPx + 6} height={moneyPx - 12} total={total} /> : null}
        </svg>
      </div>
    </div>
  )
}

function MarkShape({ mark, axis, y }: { readonly mark: Mark; readonly axis: Axis; readonly y: number }) {
  const { lane, event, fromMs, toMs, tone, nanos } = mark
  const [from, to] = [axis.x(fromMs), axis.x(toMs)]
  const long = to - from > 8
  const open = () => goTo(addressOf("event", { id: event.sequence }))
  return (
    <g class={`mark ${lane} ${tone}`} onClick={framed ? undefined : open}>
      {long ? <rect x={from} y={y - 6} width={to - from} height={12} rx={4} /> : <circle cx={from} cy={y} r={5} />}
      <title>{`#${event.sequence} ${brief(fromMs)} ${shown(event.description)}${long ? `, ${duration(toMs - fromMs)}` : ""}${nanos > 0 ? `, ${money(nanos)}` : ""}`}</title>
    </g>
  )
}

/** A line that only goes up. */
function Sum({
  marks,
  axis,
  top,
  height,
  total,
}: {
  readonly marks: readonly Mark[]
  readonly axis: Axis
  readonly top: number
  readonly height: number
  readonly total: number
}) {
  let spent = 0
  let path = `M0 ${top + height}`
  for (const { toMs, nanos } of marks.toSorted((a, b) => a.toMs - b.toMs)) {
    if (nanos === 0) continue
    spent += nanos
    path += `H${axis.x(toMs).toFixed(1)}V${(top + height - (spent / total) * height).toFixed(1)}`
  }
  path += `H${axis.widthPx}`
  return (
    <g class="sum">
      <path class="area" d={`${path}V${top + height}Z`} />
      <path class="line" d={path} />
    </g>
  )
}
