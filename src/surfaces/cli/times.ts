/** Times people type: so long ago, a day, or a time of the calendar with its offset. */
import { Fault } from "../../base/fault.ts"
import { dayStart } from "../../ledger/periods.ts"
import type { Flags } from "./command.ts"

const backwards = /^(\d{1,6})(m|h|d)$/
const calendarDay = /^\d{4}-\d{2}-\d{2}$/
const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const isoTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/

/** Undefined when the flag was not given. A day begins at its midnight by `--tz`, where the command has that, else in UTC. */
export function timeOf(flags: Flags, name: "since" | "until" | "before", nowMs: number): number | undefined {
  const text = flags[name] as string | undefined
  return text === undefined ? undefined : instantOf(text, `--${name}`, { nowMs, zone: (flags["tz"] as string | undefined) ?? "UTC" })
}

/** @throws {Fault} `cli.usage`, which names what was `named` */
export function instantOf(text: string, named: string, { nowMs, zone }: { readonly nowMs: number; readonly zone: string }): number {
  const [, count, unit] = backwards.exec(text) ?? []
  const day = calendarDay.test(text) ? dayStart(zone, text) : undefined
  const ms = count === undefined ? (day ?? Date.parse(isoTime.test(text) ? text : "")) : nowMs - Number(count) * unitMs[unit as keyof typeof unitMs]
  if (Number.isNaN(ms) || ms < 0) {
    throw new Fault("cli.usage", { problem: `${named} takes 30m, 24h, 7d, a day such as 2026-11-20 or a time such as 2026-11-20T08:00:00Z, not "${text}".` })
  }
  return ms
}
