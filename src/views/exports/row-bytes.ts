/**
 * Rows as UTF-8, written letter by letter into one buffer. A million rows made of texts are a million ropes to be flattened, encoded and collected, which takes
 * several times as long as reading them.
 */
import { decimalText } from "../../base/decimal.ts"

const billion = 1_000_000_000
const [zero, point, comma] = [0x30, 0x2e, 0x2c]
/** As many bytes as any number, decimal or time takes. */
const numberBytes = 40
const minuteMs = 60_000

export class RowBytes {
  #bytes = Buffer.allocUnsafe(1 << 20)
  #at = 0
  #minute = Number.NaN
  readonly #prefix = Buffer.alloc(17)

  /** What was written since; good until the next write. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#at)
    this.#at = 0
    return taken
  }

  comma(): void {
    this.#room(1)
    this.#bytes[this.#at++] = comma
  }

  endOfLine(): void {
    this.#room(2)
    this.#bytes[this.#at++] = 0x0d
    this.#bytes[this.#at++] = 0x0a
  }

  /** What was encoded before. */
  encoded(bytes: Uint8Array): void {
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  text(text: string): void {
    this.#room(text.length * 3)
    const [bytes, start] = [this.#bytes, this.#at]
    for (let index = 0; index < text.length; index++) {
      const letter = text.charCodeAt(index)
      if (letter > 0x7f) {
        this.#at = start + bytes.write(text, start)
        return
      }
      bytes[start + index] = letter
    }
    this.#at = start + text.length
  }

  /** A safe integer. */
  whole(value: number): void {
    this.#room(numberBytes)
    if (value < 0) return this.text(String(value))
    if (value < billion) return this.#digits(value, lengthOf(value))
    const { high, low } = halves(value)
    this.#digits(high, lengthOf(high))
    this.#digits(low, 9)
  }

  /** Units of 10^-9. */
  nanos(value: number | bigint): void {
    if (typeof value === "bigint" || value < 0) return this.text(decimalText(value, 9))
    const { high, low } = halves(value)
    this.whole(high)
    this.#fraction(low, 9)
  }

  /** Units of 10^-15. */
  femtos(value: number | bigint): void {
    if (typeof value === "bigint" || value < 0) return this.text(decimalText(value, 15))
    const { high, low } = halves(value)
    const units = Math.floor(high / 1_000_000)
    this.whole(units)
    this.#fraction(high - units * 1_000_000, 6, low)
  }

  /** ISO 8601 in UTC with milliseconds, as Date writes it; quick where one follows the other within a minute. */
  time(atMs: number): void {
    const minute = Math.floor(atMs / minuteMs)
    if (minute !== this.#minute) {
      const text = new Date(minute * minuteMs).toISOString()
      // Beyond the year 9999 it has more letters.
      if (text.length !== 24) return this.text(new Date(atMs).toISOString())
      this.#prefix.write(text, 0, 17, "latin1")
      this.#minute = minute
    }
    this.encoded(this.#prefix)
    const rest = atMs - minute * minuteMs
    const second = Math.floor(rest / 1_000)
    this.#room(numberBytes)
    this.#digits(second, 2)
    this.#bytes[this.#at++] = point
    this.#digits(rest - second * 1_000, 3)
    this.#bytes[this.#at++] = 0x5a
  }

  /** Digits behind a point, then nine more of `next`, without the zeros at the end; nothing where there are only zeros. */
  #fraction(value: number, digits: number, next?: number): void {
    if (value === 0 && !next) return
    this.#room(numberBytes)
    this.#bytes[this.#at++] = point
    this.#digits(value, digits)
    if (next) this.#digits(next, 9)
    while (this.#bytes[this.#at - 1] === zero) this.#at--
  }

  /** The last digits of a number below 10^9. */
  #digits(value: number, digits: number): void {
    let rest = value | 0
    for (let place = this.#at + digits - 1; place >= this.#at; place--) {
      const tenth = (rest / 10) | 0
      this.#bytes[place] = zero + rest - tenth * 10
      rest = tenth
    }
    this.#at += digits
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + bytes))
    this.#bytes.copy(larger, 0, 0, this.#at)
    this.#bytes = larger
  }
}

/**
 * A safe integer that is not negative, as billions and rest. The quotient is at least 10^-9 away from the next whole number, and floats below 2^53 / 10^9 lie
 * closer to each other than twice that, so it is never rounded up to it.
 */
function halves(value: number): { readonly high: number; readonly low: number } {
  const high = Math.floor(value / billion)
  return { high, low: value - high * billion }
}

function lengthOf(value: number): number {
  let digits = 1
  for (let most = 10; value >= most; most *= 10) digits++
  return digits
}
