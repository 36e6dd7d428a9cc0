/** Exact decimal texts of whole numbers of small units: what goes into files for other programs is never rounded through a float. */

/**
 * `whole` units of 10^-scale as a plain decimal without an exponent: `decimalText(1500000, 9)` is `0.0015`. No zeros at the end, no point without digits after it.
 * A number must be a safe integer.
 */
export function decimalText(whole: number | bigint, scale: number): string {
  const isNegative = whole < 0
  const digits = String(whole)
    .slice(isNegative ? 1 : 0)
    .padStart(scale + 1, "0")
  let end = digits.length
  const point = end - scale
  while (end > point && digits.charCodeAt(end - 1) === 0x30) end--
  const text = end === point ? digits.slice(0, point) : `${digits.slice(0, point)}.${digits.slice(point, end)}`
  return isNegative ? `-${text}` : text
}

/** The exact product of two whole numbers: a number where one holds it, else a bigint. */
export function product(a: number, b: number): number | bigint {
  const quick = a * b
  return Number.isSafeInteger(quick) ? quick : BigInt(a) * BigInt(b)
}

/** The exact sum, in the same way. */
export function sumOf(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === "number" && typeof b === "number") {
    const quick = a + b
    if (Number.isSafeInteger(quick)) return quick
  }
  return BigInt(a) + BigInt(b)
}
