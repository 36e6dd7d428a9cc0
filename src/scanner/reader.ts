/**
 * Reads a text once, word by word, and moves the patterns that wait for each word. What it does to a unit is bounded by the table of rows and by nothing in
 * the text: there is no going back, and no pattern is tried from two places.
 *
 * A word that is broken by quotes, backslashes or unseen units is read whole, and from each break on, too.
 */
import { codedText, decodedBlob, isBlobUnit, mayBeEncoded, unescaped } from "./hidden.ts"
import { root, type Machine } from "./machine.ts"
import { PatternMatcher, type Match } from "./matcher.ts"
import type { ScanSource } from "./row.ts"
import { unitsOf } from "./text-units.ts"
import { ideograph, isAsciiLetter, isEscaped, isHexUnit, isLineEscape, letter, lineEnd, mathLead, mathLetter, quote, sign, space, unseen } from "./units.ts"

export type Hidden = { readonly text: string; readonly at: number }
export type Reading = {
  readonly matches: readonly Match[]
  readonly hidden: readonly Hidden[]
  /** How much was done: units read and steps looked at. */
  readonly work: number
}

const mostHiddenTexts = 64
const leastBlobWord = 16
const tagLead = 0xdb40
/** Files whose names end so hold nothing secret. */
const openEnd = /^[\w/-]{0,56}\.(?:pub|example|sample|template|dist)(?!\w)/
const longestPath = 64

const specials = ["hidden-text", "hidden-characters", "turned-around"] as const

export class TextReader {
  readonly #machine: Machine
  readonly #matcher: PatternMatcher
  readonly #special: ReadonlyMap<(typeof specials)[number], number>
  #text = ""
  #units: Uint16Array = new Uint16Array()
  #source: ScanSource = "args"
  #hidden: Hidden[] = []
  #work = 0
  #blobEnd = 0
  #codesEnd = 0
  #unseenInside = 0
  #escapes = 0
  #tags = ""

  constructor(machine: Machine) {
    this.#machine = machine
    this.#matcher = new PatternMatcher(machine, (at) => this.#coded(at))
    this.#special = new Map(specials.map((check) => [check, machine.rows.findIndex((row) => row.check === check)]))
  }

  read(text: string, source: ScanSource, isSecret: (from: number) => boolean): Reading {
    this.#text = text
    this.#units = unitsOf(text)
    this.#source = source
    this.#matcher.begin(source, isSecret)
    this.#hidden = []
    this.#work = this.#blobEnd = this.#codesEnd = this.#unseenInside = this.#escapes = 0
    this.#tags = ""
    this.#readAll(text.length)
    if (this.#escapes >= 4) this.#hide(unescaped(text), 0)
    if (this.#unseenInside >= 2) this.#found("hidden-characters", 0)
    if (this.#tags.length >= 12) {
      this.#found("hidden-text", 0)
      this.#hide(this.#tags, 0)
    }
    return { matches: this.#matcher.matches, hidden: this.#hidden, work: this.#work + this.#matcher.work + text.length }
  }

  #readAll(end: number): void {
    const units = this.#units
    const { units: table, next, width, exact, signs, ends } = this.#machine
    let before = 0
    for (let i = 0; i < end;) {
      const unit = units[i] ?? 0
      const entry = table[unit] ?? 0
      const kind = entry & 7
      if (kind === space) {
        i++
        continue
      }
      if (kind === letter) {
        const after = this.#passed(i)
        if (after > 0) {
          this.#matcher.word++
          before = 0
          i = after
          continue
        }
      }
      if (kind === letter || kind === mathLead || ((unit === 45 || unit === 46) && this.#beginsWord(i, unit))) {
        i = this.#readWord(i)
        before = 0
        continue
      }
      if (kind === ideograph) {
        const code = entry >> 3
        this.#matcher.word++
        this.#matcher.fire(exact[next[root * width + code] ?? 0] ?? 0, i)
        if (before !== 0) this.#matcher.fire(exact[next[(next[root * width + before] ?? 0) * width + code] ?? 0] ?? 0, i - 1)
        before = code
      } else if (kind === sign) {
        this.#matcher.word++
        before = 0
        const atom = unit < 128 ? (signs[unit] ?? 0) : unit >= 0xff01 && unit <= 0xff5e ? (signs[unit - 0xfee0] ?? 0) : 0
        if (atom !== 0) this.#matcher.fire(atom, i)
        if (unit === 37 && isHexUnit(units[i + 1] ?? 0) && isHexUnit(units[i + 2] ?? 0)) this.#escapes += 0.5
      } else if (kind === lineEnd) {
        before = 0
        if (units[i - 1] !== 92) this.#endLine(ends.line, i)
      } else if (kind === quote) {
        before = 0
        if (unit === 92 && isEscaped(units[i + 1] ?? 0)) this.#escapes++
      } else if (unit === tagLead) i = this.#tag(i)
      else if (unit === 0x202d || unit === 0x202e) this.#found("turned-around", i)
      i++
    }
    this.#endLine(ends.text, end)
  }

  #endLine(atom: number, at: number): void {
    this.#matcher.word++
    this.#matcher.fire(atom, at)
    this.#matcher.line = this.#matcher.word
  }

  /** A flag, or the name of a hidden file, begins with its mark. */
  #beginsWord(at: number, unit: number): boolean {
    const kindAt = (place: number) => (this.#machine.units[this.#units[place] ?? 0] ?? 0) & 7
    if (at > 0 && kindAt(at - 1) === letter) return false
    return kindAt(unit === 45 && this.#units[at + 1] === 45 ? at + 2 : at + 1) === letter
  }

  /** Where a word ends that is none of ours, is not broken and hides nothing: nearly all are. 0 where it has to be read. */
  #passed(start: number): number {
    const units = this.#units
    const { units: table, next, width, exact, prefix } = this.#machine
    const first = units[start] ?? 0
    if (first >= 48 && first <= 57) return 0
    let i = start
    let node = root
    do {
      node = next[node * width + ((table[units[i++] ?? 0] ?? 0) >> 3)] ?? 0
      if (prefix[node] !== 0) return 0
    } while (node !== 0 && ((table[units[i] ?? 0] ?? 0) & 7) === letter)
    if (node !== 0 && exact[node] !== 0) return 0
    while (((table[units[i] ?? 0] ?? 0) & 7) === letter) i++
    const kind = (table[units[i] ?? 0] ?? 0) & 7
    const isWhole = kind !== quote && kind !== unseen && kind !== mathLead && i - start < leastBlobWord
    return isWhole && (start === 0 || units[start - 1] !== 92) ? i : 0
  }

  #readWord(start: number): number {
    const units = this.#units
    const { units: table, next, width, exact, prefix } = this.#machine
    this.#matcher.word++
    let i = start
    let whole = root
    while (units[i] === 45 || units[i] === 46) whole = next[whole * width + ((table[units[i++] ?? 0] ?? 0) >> 3)] ?? 0
    // Without its marks, too; and `\ncurl` is a line's end and a word where a text stands within a text.
    let part = i > start ? root : 0
    const escaped = start > 0 && units[start - 1] === 92 && isLineEscape(units[i] ?? 0)
    for (;;) {
      const unit = units[i] ?? 0
      const entry = table[unit] ?? 0
      const kind = entry & 7
      if (kind === letter || kind === mathLead) {
        let code = entry >> 3
        if (kind === mathLead) {
          const seen = mathLetter(units[i + 1] ?? 0)
          if (seen !== 0) {
            code = (table[seen] ?? 0) >> 3
            i++
          }
        }
        whole = next[whole * width + code] ?? 0
        const begun = prefix[whole] ?? 0
        if (begun !== 0) this.#matcher.fire(begun, start)
        if (part !== 0) {
          part = next[part * width + code] ?? 0
          const partly = prefix[part] ?? 0
          if (partly !== 0) this.#matcher.fire(partly, start)
        }
        if (escaped && i === start) part = root
        i++
        // Most words are none of ours after a letter or two.
        if (whole === 0 && part === 0) while (((table[units[i] ?? 0] ?? 0) & 7) === letter) i++
      } else if (kind === unseen) {
        if (unit === tagLead) i = this.#tag(i)
        else if (unit !== 0xad && isAsciiLetter(units[i - 1] ?? 0) && isAsciiLetter(units[i + 1] ?? 0)) this.#unseenInside++
        i++
      } else if (kind === quote) {
        const after = this.#behindQuotes(i)
        if (after < 0) break
        if (unit === 92 && isEscaped(units[after] ?? 0)) this.#escapes++
        this.#end(exact[whole] ?? 0, start, i)
        this.#end(exact[part] ?? 0, start, i)
        part = root
        i = after
        if (unit === 92 && isLineEscape(units[i] ?? 0)) whole = next[whole * width + ((table[units[i++] ?? 0] ?? 0) >> 3)] ?? 0
      } else break
    }
    if (whole !== 0) this.#end(exact[whole] ?? 0, start, i)
    if (part !== 0 && part !== whole) this.#end(exact[part] ?? 0, start, i)
    const first = units[start] ?? 0
    if (first >= 48 && first <= 57) this.#matcher.fire(this.#machine.ends.number, start)
    if (i - start >= leastBlobWord && start >= this.#blobEnd) this.#blob(start, i)
    return i
  }

  /** Where a word goes on behind quotes; -1 where it does not. */
  #behindQuotes(at: number): number {
    const { units: table } = this.#machine
    for (let after = at; after < at + 8; after++) {
      const unit = this.#units[after] ?? 0
      const kind = (table[unit] ?? 0) & 7
      if (kind === letter || kind === mathLead) return after
      if (kind !== quote && kind !== unseen) return -1
    }
    return -1
  }

  #end(atom: number, start: number, end: number): void {
    if (atom === 0) return
    const follows = this.#units[end]
    if ((follows === 46 || follows === 47) && openEnd.test(this.#text.slice(end, end + longestPath))) return
    this.#matcher.fire(atom, start)
  }

  #coded(at: number): void {
    if (at < this.#codesEnd) return
    const found = codedText(this.#text, at)
    if (found === undefined) return
    this.#codesEnd = found.end
    this.#work += found.end - at
    this.#hide(found.coded, at)
  }

  #blob(start: number, end: number): void {
    const units = this.#units
    let from = start
    while (from > this.#blobEnd && isBlobUnit(units[from - 1] ?? 0)) from--
    let to = end
    while (isBlobUnit(units[to] ?? 0)) to++
    this.#work += to - from
    this.#blobEnd = to
    for (const begin of from < start ? [from, start] : [from]) {
      const decoded = mayBeEncoded(units, begin) ? decodedBlob(this.#text, begin, to) : undefined
      if (decoded !== undefined) return this.#hide(decoded, begin)
    }
  }

  #hide(text: string, at: number): void {
    if (this.#hidden.length < mostHiddenTexts) this.#hidden.push({ text, at })
  }

  /** Letters that are never shown, one for each of the alphabet; answers the second of its two units. */
  #tag(at: number): number {
    const told = (this.#units[at + 1] ?? 0) - 0xdc00
    if (told >= 32 && told < 127) this.#tags += String.fromCharCode(told)
    return at + 1
  }

  #found(check: (typeof specials)[number], at: number): void {
    const row = this.#special.get(check) ?? -1
    if (this.#machine.rows[row]?.on.includes(this.#source) === true) this.#matcher.found(row, at)
  }
}
