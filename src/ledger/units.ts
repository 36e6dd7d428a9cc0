/**
 * What a ledger counts, one row a unit: money in integer nano-dollars, tokens, milliseconds of wall time, bytes and calls.
 * A unit's `suffixes` are what people write after a number, each with how many of the unit one of it is.
 * Amounts never mix: every movement sums to zero in each unit by itself.
 */
export type UnitRow = {
  readonly unit: string
  /** Suffix in lower case, without spaces -> how many of the unit. */
  readonly suffixes: Readonly<Record<string, bigint>>
  /** The suffix of one of the unit, as people read it: `200k tokens`. */
  readonly words: readonly { readonly scale: bigint; readonly one: string; readonly many: string }[]
}

const secondMs = 1_000n
const minuteMs = 60n * secondMs
const hourMs = 60n * minuteMs

function counted(one: string, many: string): Pick<UnitRow, "suffixes" | "words"> {
  const scales = [
    ["m", 1_000_000n],
    ["k", 1_000n],
    ["", 1n],
  ] as const
  return {
    suffixes: Object.fromEntries(scales.flatMap(([prefix, scale]) => [one, many].map((word) => [prefix + word, scale]))),
    words: scales.map(([prefix, scale]) => ({ scale, one: `${prefix} ${one}`, many: `${prefix} ${many}` })),
  }
}

function bytes(done: "read" | "written"): Pick<UnitRow, "suffixes" | "words"> {
  const scales = [
    ["GB", 1_000_000_000n],
    ["MB", 1_000_000n],
    ["kB", 1_000n],
    ["B", 1n],
  ] as const
  return {
    suffixes: {
      ...Object.fromEntries(scales.map(([name, scale]) => [name.toLowerCase() + done, scale])),
      [`kib${done}`]: 1_024n,
      [`mib${done}`]: 1_048_576n,
      [`gib${done}`]: 1_073_741_824n,
    },
    words: scales.map(([name, scale]) => ({ scale, one: ` ${name} ${done}`, many: ` ${name} ${done}` })),
  }
}

export const unitRows = [
  { unit: "moneyNanos", suffixes: { usd: 1_000_000_000n, $: 1_000_000_000n }, words: [] },
  { unit: "tokens", ...counted("token", "tokens") },
  {
    unit: "wallMs",
    suffixes: { ms: 1n, s: secondMs, sec: secondMs, m: minuteMs, min: minuteMs, h: hourMs, d: 24n * hourMs },
    words: [
      { scale: hourMs, one: "h", many: "h" },
      { scale: minuteMs, one: "min", many: "min" },
      { scale: secondMs, one: "s", many: "s" },
      { scale: 1n, one: "ms", many: "ms" },
    ],
  },
  { unit: "bytesRead", ...bytes("read") },
  { unit: "bytesWritten", ...bytes("written") },
  { unit: "calls", ...counted("call", "calls") },
] as const satisfies readonly UnitRow[]

export type Unit = (typeof unitRows)[number]["unit"]

export const units: readonly Unit[] = unitRows.map(({ unit }) => unit)
