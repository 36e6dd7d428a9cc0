/** What every view is made of. Texts come in as texts and stay texts. */
import type { ComponentChildren } from "preact"
import { useId } from "preact/hooks"
import { Link } from "./place.tsx"
import type { Problem, Told } from "./told.ts"
import { brief, moment, shown } from "./words.ts"

export type Tone = "good" | "warn" | "bad" | "plain"

/** What somebody else wrote: of its own direction, and without marks that hide. */
export function Text({ children }: { readonly children: string | null | undefined }) {
  return <bdi>{shown(children ?? "")}</bdi>
}

export function When({ at }: { readonly at: string | number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={moment(at)}>
      {brief(at)}
    </time>
  )
}

export function Badge({ tone = "plain", children }: { readonly tone?: Tone | undefined; readonly children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>
}

type CardProps = { readonly title: string; readonly aside?: ComponentChildren; readonly wide?: boolean; readonly children: ComponentChildren }

export function Card({ title, aside, wide, children }: CardProps) {
  const id = useId()
  return (
    <section class={wide ? "card wide" : "card"} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  )
}

export function Figure({
  label,
  tone,
  children,
  note,
}: {
  readonly label: string
  readonly tone?: Tone | undefined
  readonly children: ComponentChildren
  readonly note?: ComponentChildren
}) {
  return (
    <div class={`figure ${tone ?? ""}`}>
      <dt>{label}</dt>
      <dd>
        {children}
        {note === undefined ? null : <small>{note}</small>}
      </dd>
    </div>
  )
}

export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="lead">{title}</p>
      {children === undefined ? null : <p>{children}</p>}
    </div>
  )
}

export function Wrong({ problem }: { readonly problem: Problem }) {
  return (
    <div class="empty bad" role="alert">
      <p class="lead">
        <Text>{problem.words}</Text>
      </p>
      <p>
        <Text>{problem.remedy}</Text>
      </p>
    </div>
  )
}

/** An answer, or why there is none yet. */
export function Answered<T>({ told, children }: { readonly told: Told<T>; readonly children: (body: T) => ComponentChildren }) {
  if (told.state === "waiting") return <div class="waiting" role="status" aria-label="Being asked" />
  if (told.state === "failed") return <Wrong problem={told.problem} />
  return (
    <>
      {told.stale ? (
        <p class="stale" role="status">
          {told.stale.words} What is shown was told before.
        </p>
      ) : null}
      {children(told.body)}
    </>
  )
}

export type Meter = { readonly label: string; readonly value: number; readonly held?: number; readonly words: string; readonly tone?: Tone | undefined }

/** How much of something is used: `value` and `held` are shares of it. */
export function MeterBar({ label, value, held = 0, words, tone }: Meter) {
  const [used, all] = [Math.max(0, Math.min(1, value)), Math.max(0, Math.min(1, value + held))]
  return (
    <div
      class={`meter ${tone ?? (value >= 1 ? "bad" : value >= 0.8 ? "warn" : "good")}`}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={1}
      aria-valuenow={Number(used.toFixed(3))}
      aria-valuetext={words}
    >
      <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect class="rest" width="100" height="4" />
        <rect class="held" width={all * 100} height="4" />
        <rect class="used" width={used * 100} height="4" />
      </svg>
      <span>{words}</span>
    </div>
  )
}

type Column<R> = { readonly title: string; readonly number?: boolean; readonly cell: (row: R) => ComponentChildren }

export function Table<R>({
  caption,
  columns,
  rows,
  keyOf,
}: {
  readonly caption: string
  readonly columns: readonly Column<R>[]
  readonly rows: readonly R[]
  readonly keyOf: (row: R, at: number) => string | number
}) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title, number }) => (
              <th scope="col" class={number ? "number" : undefined} key={title}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={keyOf(row, at)}>
              {columns.map(({ title, number, cell }) => (
                <td class={number ? "number" : undefined} data-title={title} key={title}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

type ChoiceProps = {
  readonly label: string
  readonly value: string
  readonly options: readonly (readonly [value: string, words: string])[]
  readonly choose: (value: string) => void
}

export function Choice({ label, value, options, choose }: ChoiceProps) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => choose(event.currentTarget.value)}>
        {options.map(([name, words]) => (
          <option value={name} key={name}>
            {words}
          </option>
        ))}
      </select>
    </div>
  )
}

/** A command, to be taken along. */
export function Command({ children }: { readonly children: string }) {
  return (
    <code class="command">
      <Text>{children}</Text>
    </code>
  )
}

export function EventLink({ sequence }: { readonly sequence: number }) {
  return (
    <Link to="event" about={{ id: sequence }} class="sequence">
      #{sequence}
    </Link>
  )
}

/** What went wrong stands out. */
export function TypeBadge({ type }: { readonly type: string }) {
  const bad = /denied|refused|gap|failed|tripped|violated|disabled/.test(type)
  return bad ? <Badge tone="bad">{type}</Badge> : <span class="type">{type}</span>
}
