/** A bill as it is named on the command line: read, and told which it is. */
import { createHash } from "node:crypto"
import { Fault } from "../../base/fault.ts"
import type { Bill } from "../../bills/bill.ts"
import { amountOf } from "../../bills/amounts.ts"
import { knownFormats, parseBill } from "../../bills/parse-bill.ts"
import { boundsAt, dayStart, localText } from "../../ledger/periods.ts"
import { readText } from "./input-file.ts"

export type BillFile = { readonly bill: Bill; readonly digest: string }

/** @throws {Fault} `bill.unknown` */
export function readBill(file: string, zone: string): BillFile {
  const text = readText(file)
  const day = (fromMs: number) => ({ fromMs, toMs: boundsAt({ per: "day", zone }, fromMs).endMs ?? fromMs + 86_400_000 })
  const bill = parseBill(text, {
    dayOf: (named) => {
      const fromMs = /^\d{4}-\d{2}-\d{2}$/.test(named) ? dayStart(zone, named) : undefined
      return fromMs === undefined ? undefined : day(fromMs)
    },
    dayAt: (atMs) => day(dayStart(zone, localText(zone, atMs).slice(0, 10)) ?? atMs),
  })
  if (typeof bill === "string") throw new Fault("bill.unknown", { file, problem: bill, formats: knownFormats.join(", ") })
  return { bill, digest: createHash("sha256").update(text).digest("hex") }
}

/** `EUR=1.0834`: what one of it is worth in dollars. */
export function parseRate(text: string, before?: unknown): ReadonlyMap<string, bigint> {
  const [, currency, worth] = /^([A-Za-z]{3})=(\d+(?:\.\d{1,9})?)$/.exec(text) ?? []
  const rate = worth === undefined ? undefined : amountOf(worth)?.nanos
  if (currency === undefined || rate === undefined || rate === 0n)
    throw new Fault("cli.usage", { problem: `--rate takes a currency and what one of it is worth in dollars, such as EUR=1.0834, not "${text}".` })
  return new Map([...((before as ReadonlyMap<string, bigint> | undefined) ?? []), [currency.toUpperCase(), rate]])
}
