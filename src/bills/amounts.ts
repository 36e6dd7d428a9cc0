/** Amounts as bills write them, in exact nano-dollars. */

/** Half of the last place that was written: how far a rounded amount may be from the true one. `rounded` says that the places were cut. */
export type Amount = { readonly nanos: bigint; readonly roundingNanos: bigint }

const decimal = /^(-)?\$?(\d{1,12})(?:\.(\d{0,60}))?(?:[eE]([+-]?\d{1,2}))?$/

/**
 * @param places of the unit that is written in nano-dollars: 9 for dollars, 7 for cents.
 * @param isRounded the last place written is where the provider rounded.
 * Undefined where it is no amount.
 */
export function amountOf(text: string, { places = 9, isRounded = false }: { readonly places?: number; readonly isRounded?: boolean } = {}): Amount | undefined {
  const match = decimal.exec(text.replaceAll(/[\s_]/g, "").replaceAll(/,(?=\d{3}(?:\D|$))/g, ""))
  if (!match) return undefined
  const [, sign, whole = "", fraction = "", power = "0"] = match
  const shift = places - fraction.length + Number(power)
  const digits = BigInt(whole + fraction)
  const nanos = shift >= 0 ? digits * 10n ** BigInt(shift) : rounded(digits, 10n ** BigInt(-shift))
  const roundingNanos = isRounded && shift > 0 ? 10n ** BigInt(shift) / 2n : shift < 0 ? 1n : 0n
  return { nanos: sign === undefined ? nanos : -nanos, roundingNanos }
}

/** Another currency by its rate: dollars for one of it. */
export function converted({ nanos, roundingNanos }: Amount, rateNanos: bigint): Amount {
  const dollar = 1_000_000_000n
  return { nanos: rounded(nanos * rateNanos, dollar), roundingNanos: (roundingNanos * rateNanos) / dollar + 1n }
}

function rounded(value: bigint, by: bigint): bigint {
  const half = by / 2n
  return value >= 0n ? (value + half) / by : -((-value + half) / by)
}

/** `59200.0` is how some exports write a count; undefined where it is none. */
export function countIn(text: string | undefined): number | undefined {
  const match = /^(\d{1,15})(?:\.0*)?$/.exec((text ?? "").replaceAll(",", ""))
  return match ? Number(match[1]) : undefined
}
