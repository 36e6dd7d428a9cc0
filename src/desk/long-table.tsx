/**
 * A table of any length of which only what is in sight is drawn, and asked for, a hundred rows at a time. Beyond what a browser can scroll, a stretch of the bar is more rows.
 */
import type { ComponentChildren } from "preact"
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks"

export type LongTableProps<R> = {
  readonly label: string
  readonly total: number
  /** Undefined while it is being asked for. */
  readonly rowAt: (index: number) => R | undefined
  /** What is in sight: it may have to be asked for. */
  readonly shows: (from: number, to: number) => void
  readonly head: readonly string[]
  readonly cells: (row: R) => readonly ComponentChildren[]
  readonly keyOf: (row: R) => string | number
  readonly open: (row: R) => void
  /** Rows that came in above since it was first drawn: what is in sight stays in sight. */
  readonly above: number
}

const tallestPx = 12_000_000
const beyond = 8

export function LongTable<R>({ label, total, rowAt, shows, head, cells, keyOf, open, above }: LongTableProps<R>) {
  const box = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ top: 0, heightPx: 600, rowPx: 40 })
  const known = useRef(above)
  useLayoutEffect(() => {
    const own = box.current
    if (!own) return undefined
    const measure = () => setView({ top: own.scrollTop, heightPx: own.clientHeight, rowPx: rowHeight(own) })
    const watcher = new ResizeObserver(measure)
    watcher.observe(own)
    own.addEventListener("scroll", measure, { passive: true })
    return () => {
      watcher.disconnect()
      own.removeEventListener("scroll", measure)
    }
  }, [])
  useLayoutEffect(() => {
    const own = box.current
    const came = above - known.current
    known.current = above
    if (own && came > 0 && own.scrollTop > view.rowPx) own.scrollTop += came * view.rowPx
  }, [above])
  const fullPx = total * view.rowPx
  const innerPx = Math.min(fullPx, tallestPx)
  const ratio = innerPx <= view.heightPx ? 0 : (fullPx - view.heightPx) / (innerPx - view.heightPx)
  const offsetPx = view.top * (ratio === 0 ? 1 : ratio)
  const from = Math.max(0, Math.floor(offsetPx / view.rowPx) - beyond)
  const to = Math.min(total, Math.ceil((offsetPx + view.heightPx) / view.rowPx) + beyond)
  useEffect(() => shows(from, to), [from, to, total, shows])
  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const focused = document.activeElement
    if (step === undefined || !(focused instanceof HTMLElement) || focused.dataset["index"] === undefined) return
    event.preventDefault()
    const next = Number(focused.dataset["index"]) + step
    box.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus()
  }
  return (
    <div class="long" role="table" aria-label={label} aria-rowcount={total + 1}>
      <div class="row head" role="row" aria-rowindex={1}>
        {head.map((title) => (
          <span role="columnheader" key={title}>
            {title}
          </span>
        ))}
      </div>
      <div class="body" role="rowgroup" ref={box} onKeyDown={move}>
        <div class="inner" style={{ height: `${innerPx}px` }}>
          {Array.from({ length: Math.max(0, to - from) }, (_, at) => {
            const index = from + at
            const row = rowAt(index)
            const top = `${view.top + index * view.rowPx - offsetPx}px`
            if (row === undefined) return <div class="row unknown" role="row" key={`at ${index}`} aria-rowindex={index + 2} style={{ top }} aria-busy="true" />
            return (
              <div
                class="row"
                role="row"
                key={keyOf(row)}
                aria-rowindex={index + 2}
                data-index={index}
                tabIndex={0}
                style={{ top }}
                onClick={() => open(row)}
                onKeyDown={(event) => event.key === "Enter" && event.target === event.currentTarget && open(row)}
              >
                {cells(row).map((cell, column) => (
                  <span role="cell" key={head[column]} data-title={head[column]}>
                    {cell}
                  </span>
                ))}
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}

/** As the look has it: a row has two lines on a phone. */
function rowHeight(box: HTMLElement): number {
  return Number.parseFloat(getComputedStyle(box).getPropertyValue("--row")) || 40
}
