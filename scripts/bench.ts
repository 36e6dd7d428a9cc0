/** `npm run bench -- NAME [--json]`: measurements as ratios to a baseline of the same run. A figure beyond its limit gives exit status 1. */
import { runNamed } from "./runnable.ts"

/** What a bench returns: one row a figure. */
export type BenchRow = {
  readonly figure: string
  readonly measured: number
  readonly unit: string
  /** The limit in words, such as "at most 0.5 ms"; absent for what is only shown. */
  readonly must?: string
  readonly met?: boolean
}

process.exitCode = await runNamed("bench", "bench", process.argv.slice(2), (result, json) => {
  const rows = result as readonly BenchRow[]
  if (json) process.stdout.write(`${JSON.stringify(rows)}\n`)
  else for (const row of rows) process.stdout.write(`${lineOf(row)}\n`)
  return rows.some(({ met }) => met === false) ? 1 : 0
})

function lineOf({ figure, measured, unit, must, met }: BenchRow): string {
  const verdict = must === undefined ? "" : `${met === false ? "MISSED" : "ok"} (${must})`
  return `${figure.padEnd(56)} ${String(Number(measured.toPrecision(4))).padStart(10)} ${unit.padEnd(8)} ${verdict}`.trimEnd()
}
