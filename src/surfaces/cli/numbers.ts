/** Numbers people type: refused with the flag's name when they are not numbers or out of bounds. */
import { Fault } from "../../base/fault.ts"

export function wholeNumber(flag: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < min || value > max) {
      throw new Fault("cli.usage", { problem: `${flag} takes a whole number from ${min} to ${max.toLocaleString("en")}, not "${text}".` })
    }
    return value
  }
}
