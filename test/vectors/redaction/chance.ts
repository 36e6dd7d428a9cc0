/** Chance with a seed: the same corpus on every run. */
import { chanceOf as numbersOf, type Chance as Numbers } from "../../../src/drill/chance.ts"

export type Chance = Numbers & {
  /** Letters of an alphabet, of which the longer ones hold every class of letters it has. */
  readonly letters: (alphabet: string, length: number) => string
}

export const lowercase = "abcdefghijklmnopqrstuvwxyz"
export const digits = "0123456789"
export const hex = "0123456789abcdef"
export const base62 = `${lowercase}${lowercase.toUpperCase()}${digits}`
export const urlSafe = `${base62}-_`
export const base64 = `${base62}+/`
export const base32 = `${lowercase.toUpperCase()}234567`
export const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

export function chanceOf(seed: number): Chance {
  const numbers = numbersOf(seed)
  const { below } = numbers
  const letters = (alphabet: string, length: number): string => {
    for (;;) {
      const text = Array.from({ length }, () => alphabet.charAt(below(alphabet.length))).join("")
      // Edges that real generators have too, but that would make a text end differently.
      if (/^[-_+/]|[-_]$/.test(text)) continue
      const classes = [/\d/, /[a-z]/, /[A-Z]/].filter((kind) => kind.test(alphabet))
      if (length < 12 || classes.every((kind) => kind.test(text))) return text
    }
  }
  return { ...numbers, letters }
}
