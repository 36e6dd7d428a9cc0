/** Forecasts of budgets: how full each is, how fast it is spent, when it is gone, and who spends it. */
import type { Rates } from "../../ledger/forecast.ts"
import { amountWords } from "../../ledger/amounts.ts"
import { localText } from "../../ledger/periods.ts"
import type { Unit } from "../../ledger/units.ts"
import { basisWords, zoneOf, type BudgetForecast, type Burner, type UnitForecast } from "../../views/forecast.ts"
import type { Look } from "../cli/terminal.ts"
import { shortCount, shortUsd } from "./bars.ts"
import { plain } from "./words.ts"

const barWidth = 20

export function forecastText(forecasts: readonly BudgetForecast[], nowMs: number, terminal: Look): string {
  if (forecasts.length === 0) return "There is no budget: nothing runs out. One is made with: sovereign-ledger budget set daily --limit 5usd\n"
  return `${forecasts.map((one) => forecastLines(one, nowMs, terminal).join("\n")).join("\n\n")}\n`
}

function forecastLines(budget: BudgetForecast, nowMs: number, terminal: Look): readonly string[] {
  const { rule, frozen, units } = budget
  const { colors } = terminal
  const { period } = rule
  const per = period.per === "rolling" ? `rolling ${amountWords("wallMs", BigInt(period.spanMs))}` : period.per
  const head = `${colors.bold(rule.name)}  ${per}${rule.mode === "warn" ? `  ${colors.yellow("only warns")}` : ""}${frozen === undefined ? "" : `  ${colors.red(`frozen: ${plain(frozen)}`)}`}`
  return [head, ...units.flatMap((unit) => unitLines(budget, unit, nowMs, terminal))]
}

function unitLines(budget: BudgetForecast, one: UnitForecast, nowMs: number, { colors }: Look): readonly string[] {
  const { unit, limit, left, spent, verdict } = one
  const share = limit === 0n ? 1 : Number(((limit - left) * 1_000n) / limit) / 1_000
  const filled = Math.round(Math.min(1, Math.max(0, share)) * barWidth)
  const paint = verdict === "gone" ? colors.red : verdict === "goes" ? colors.yellow : colors.green
  const bar = paint(`${"█".repeat(filled)}${"░".repeat(barWidth - filled)}`)
  const who = burnerWords(one)
  return [
    `  ${bar} ${short(unit, Number(spent))} spent, ${short(unit, Number(left))} left of ${short(unit, Number(limit))}`,
    `    ${colors.dim("rate".padEnd(7))} ${rateWords(unit, one.rates)}`,
    `    ${colors.dim("ahead".padEnd(7))} ${paint(aheadWords(budget, one, nowMs))}`,
    ...(who === "" ? [] : [`    ${colors.dim("by".padEnd(7))} ${who}`]),
  ]
}

function rateWords(unit: Unit, { lastHour, lastDay, sameHours, days }: Rates): string {
  const usual = sameHours === null ? "" : `, ${short(unit, sameHours)}/h at this time of the last ${days === 1 ? "day" : `${days} days`}`
  return `${short(unit, lastHour)}/h in the last hour, ${short(unit, lastDay)}/h in the last 24 h${usual}`
}

/** What is to be expected, in one sentence. */
function aheadWords({ rule, resetsAtMs }: Pick<BudgetForecast, "rule" | "resetsAtMs">, one: UnitForecast, nowMs: number): string {
  const zone = zoneOf(rule)
  const { period } = rule
  const isRolling = period.per === "rolling"
  const resets =
    resetsAtMs === undefined ? "" : isRolling ? `, more from ${timeText(zone, resetsAtMs, nowMs)}` : `, resets ${timeText(zone, resetsAtMs, nowMs)}`
  if (one.verdict === "gone") return `gone${resets === "" ? "; it does not reset" : resets}`
  if (one.verdict === "unclear") return `too little to tell${isRolling ? "" : resets}`
  if (one.verdict === "idle") return `nothing was spent in the last 24 h${isRolling ? "" : resets}`
  const basis = one.basis === null ? "" : ` (${basisWords[one.basis]})`
  const comesTo =
    one.atEnd === null ? "" : isRolling ? `; ${short(one.unit, one.atEnd)} in it one span from now` : `; would come to ${short(one.unit, one.atEnd)} by then`
  if (one.verdict === "goes") {
    const before = isRolling || resetsAtMs === undefined ? "" : `, before it resets ${timeText(zone, resetsAtMs, nowMs)}`
    return `gone about ${timeText(zone, one.goneAtMs ?? nowMs, nowMs)} ${zone}${before}${comesTo}${basis}`
  }
  if (isRolling) return `stays below its limit${comesTo}${basis}`
  return `${resetsAtMs === undefined ? "not within a year" : `not before it resets at ${timeText(zone, resetsAtMs, nowMs)} ${zone}`}${comesTo}${basis}`
}

/** Of another day with its date. */
function timeText(zone: string, atMs: number, nowMs: number): string {
  const [text, today] = [localText(zone, atMs), localText(zone, nowMs)]
  return text.slice(0, 10) === today.slice(0, 10) || atMs - nowMs <= 86_400_000 ? text.slice(11) : text
}

function burnerWords({ burners: { agents, models, jobs } }: UnitForecast): string {
  const listed = (what: string, list: readonly Burner[]) =>
    list.length === 0 ? [] : [`${what} ${list.map(({ name, share }) => `${plain(name)} ${Math.round(share * 100)} %`).join(", ")}`]
  return [
    ...listed(agents.length === 1 ? "agent" : "agents", agents),
    ...listed(models.length === 1 ? "model" : "models", models),
    ...listed(jobs.length === 1 ? "job" : "jobs", jobs),
  ].join("; ")
}

function short(unit: Unit, amount: number): string {
  if (unit === "moneyNanos") return shortUsd(amount)
  if (unit === "wallMs") return `${shortCount(amount / 1_000)} s`
  if (unit === "bytesRead" || unit === "bytesWritten") return `${shortCount(amount)}B ${unit === "bytesRead" ? "read" : "written"}`
  const count = amount > 0 && amount < 10 && !Number.isInteger(amount) ? amount.toFixed(1) : shortCount(amount)
  return `${count} ${unit === "calls" && count === "1" ? "call" : unit}`
}

/** Amounts as decimal strings of the unit, rates rounded to whole ones. */
export function forecastJson(forecasts: readonly BudgetForecast[], nowMs: number) {
  const whole = (amount: number) => String(Math.round(amount))
  return {
    schemaVersion: 1,
    generatedAt: new Date(nowMs).toISOString(),
    budgets: forecasts.map(({ rule, resetsAtMs, frozen, units }) => ({
      name: rule.name,
      rule,
      resetsAt: resetsAtMs === undefined ? null : new Date(resetsAtMs).toISOString(),
      frozen: frozen ?? null,
      units: units.map(({ unit, limit, spent, left, rates, verdict, basis, goneAtMs, atEnd, burners }) => ({
        unit,
        limit: String(limit),
        spent: String(spent),
        left: String(left),
        perHour: {
          lastHour: whole(rates.lastHour),
          lastDay: whole(rates.lastDay),
          sameHours: rates.sameHours === null ? null : whole(rates.sameHours),
          sameHoursDays: rates.days,
        },
        verdict,
        basis,
        goneAt: goneAtMs === null ? null : new Date(goneAtMs).toISOString(),
        atEnd: atEnd === null ? null : whole(atEnd),
        burners,
      })),
    })),
  }
}
