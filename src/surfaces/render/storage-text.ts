/** What a ledger takes of the disk, and what is kept of it, in words. */
import { objectOf } from "../../base/json.ts"
import type { Storage } from "../../views/storage.ts"
import type { Terminal } from "../cli/terminal.ts"
import { bar } from "./bars.ts"
import { agoWords, countWords, plain, sizeWords } from "./words.ts"

const bytesAMegabyte = 1_000_000
const barWidth = 10

export function storageWords({ entries, bytes, bytesADay, oldest }: Storage, nowMs: number): string {
  const grows = bytesADay === null ? "" : `, ${sizeWords(bytesADay)} a day`
  return `${countWords(entries, "entry", "entries")}, ${sizeWords(bytes)}${grows}${oldest ? `, oldest ${agoWords(oldest, nowMs)}` : ""}`
}

export function retentionRows({ removed, retention, bytes }: Storage, nowMs: number, { yellow }: Terminal["colors"]): [string, string][] {
  const gone = removed === null ? [] : [`what was before #${removed.before} was removed ${agoWords(removed.at, nowMs)} (#${removed.by})`]
  const problem = retention?.problem ? [yellow(`the last removal did not come to its end: ${plain(retention.problem)}`)] : []
  const minutes = Math.ceil((retention?.nextInMs ?? 0) / 60_000)
  const next = typeof retention?.nextInMs === "number" ? [`looked at again in ${minutes} min`] : []
  const words = [...(retention ? [keptWords(retention, bytes)] : []), ...next, ...gone, ...problem]
  return words.length === 0 ? [] : [["Kept", words.join("; ")]]
}

function keptWords({ days, maxSizeMb, contentDays }: NonNullable<Storage["retention"]>, bytes: number): string {
  const share = maxSizeMb === 0 ? 0 : bytes / (maxSizeMb * bytesAMegabyte)
  const contents = Object.entries(objectOf(contentDays)).map(([name, most]) => `${plain(name)} ${String(most)}`)
  const parts = [
    days > 0 ? `${countWords(days, "day")}` : "",
    maxSizeMb > 0 ? `at most ${sizeWords(maxSizeMb * bytesAMegabyte)} ${bar(share, barWidth).padEnd(barWidth, "·")} ${Math.round(share * 100)} %` : "",
    contents.length > 0 ? `contents by days: ${contents.join(", ")}` : "",
  ]
  return parts.filter((part) => part !== "").join(", ")
}
