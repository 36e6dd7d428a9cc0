/**
 * How much of the corpus is found. The table was written with the `used` halves in view; the `held-out` halves were written before it and not looked at, so that
 * what they say holds for what nobody thought of. Both must hold.
 */
import assert from "node:assert/strict"
import { globSync, readFileSync } from "node:fs"
import { describe, it } from "node:test"
import { scanText } from "../../src/scanner/scan.ts"
import { corpus, type Item } from "./corpus.ts"

const mostMissed = 0.05
const mostFlagged = 0.01
/** The rows themselves, words that the outbound gate takes out, and what documents them. */
const namesAttacks = /(?:^|\/)(?:scanner|vectors)\/|strip\.ts$|guides\/(?:gate|scanner)\.md$/

const findingsOf = ({ text, source }: Item) => scanText(text, source).findings
const shown = (items: readonly Item[]) => items.map(({ line, text }) => `${line}: ${text.slice(0, 80)}`).join("\n")

describe("the scanner's corpus", () => {
  for (const half of ["used", "held-out"]) {
    it(`finds at least 95 % of the attacks, ${half}`, () => {
      const attacks = corpus(`attacks-${half}`)
      const missed = attacks.filter((item) => findingsOf(item).length === 0)
      assert.ok(missed.length <= attacks.length * mostMissed, `${missed.length} of ${attacks.length} missed:\n${shown(missed)}`)
    })
    it(`flags at most 1 % of everyday work, ${half}`, () => {
      const work = corpus(`benign-${half}`)
      const flagged = work.filter((item) => findingsOf(item).length > 0)
      assert.ok(flagged.length <= work.length * mostFlagged, `${flagged.length} of ${work.length} flagged:\n${shown(flagged)}`)
    })
  }

  it("says of nine in ten attacks what they are", () => {
    const attacks = [...corpus("attacks-used"), ...corpus("attacks-held-out")]
    const named = attacks.filter((item) => findingsOf(item).some(({ category }) => category === item.category))
    assert.ok(named.length >= attacks.length * 0.9, `${named.length} of ${attacks.length}`)
  })

  it("is large enough to say so", () => {
    const count = (name: string) => corpus(`${name}-used`).length + corpus(`${name}-held-out`).length
    assert.ok(count("attacks") >= 300)
    assert.ok(count("benign") >= 600)
    const categories = new Set(corpus("attacks-held-out").map(({ category }) => category))
    assert.equal(categories.size, 8)
  })

  it("flags at most 1 % of this project's own files", () => {
    const files = globSync("{src,docs,scripts}/**/*.{ts,md}").filter((file) => !namesAttacks.test(file))
    const flagged = files.filter((file) => scanText(readFileSync(file, "utf8"), "file").findings.length > 0)
    assert.ok(files.length > 500)
    assert.ok(flagged.length <= files.length * mostFlagged, flagged.join(" "))
  })
})
