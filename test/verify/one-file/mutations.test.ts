/** Changed evidence and bombs: none is called good, none stops or holds up the verifier as it is built. A tenth of `npm run soak -- verifier-mutations`. */
import assert from "node:assert/strict"
import { after, before, describe, test } from "node:test"
import { nestsTooDeep } from "../../../src/base/json.ts"
import { memorySource } from "../../../src/verify/byte-source.ts"
import { examine } from "../../../src/verify/evidence/examine.ts"
import { goodEvidence, type Evidence } from "./built.ts"
import { builtCore, mutate, pinsOf } from "./mutations.ts"
import { readFileSync } from "node:fs"
import { join } from "node:path"

describe("changed evidence", () => {
  let evidence: Evidence
  const endings: (() => void)[] = []
  before(async () => {
    evidence = await goodEvidence({ after: (end) => void endings.push(end) }, 3)
  })
  after(() => {
    for (const end of endings.reverse()) end()
  })

  test("2,000 changes: one verdict of both, and none is called good that says something else", async () => {
    const { cases, verdicts, stillGood } = await mutate(evidence, { cases: 2_000, seed: 1 })
    assert.equal(cases, 2_000)
    assert.ok((verdicts["invalid"] ?? 0) > 1_000 && stillGood < 200, JSON.stringify(verdicts))
  })

  test("what is not changed is good, so that the changes are what is found", async () => {
    const built = await builtCore(evidence.directory)
    const texts = Object.values(evidence.keys).map((name) => readFileSync(join(evidence.directory, name), "utf8"))
    for (const [name, bytes] of evidence.files) {
      const { verdict } = await examine(memorySource(name, bytes), pinsOf(texts))
      assert.ok(["valid", "valid with erasures", "exceeded"].includes(verdict), `${name} is ${verdict}`)
      assert.equal(await built(name, bytes, texts), verdict, name)
    }
  })

  const deep = "[".repeat(20_000_000)
  const wide = `[${"[],".repeat(2_000_000)}[]]`
  const text = (words: string) => Buffer.from(words)
  const encoded = (words: string) => text(words).toString("base64url")
  for (const [what, bytes] of [
    ["a proof nested deep", text(`{"proofFormat":1,"proves":"inclusion","entry":${deep}`)],
    ["a proof that is wide", text(`{"proofFormat":1,"proves":"consistency","older":"","newer":"","consistency":${wide},"verifierKey":""}`)],
    [
      "facts nested deep",
      text(
        `{"proofFormat":1,"proves":"inclusion","entry":"","factsSalt":"${"A".repeat(22)}","facts":"${deep}","inclusion":[],"checkpoint":"","verifierKey":""}`,
      ),
    ],
    ["a cap proof whose first line is nested deep", text(`{"capProofFormat":1,"budget":${deep}\n`)],
    ["a row nested deep", text(`{"id":${deep}\n{"exportFormat":1}`)],
    ["an end line nested deep", text(`{"id":1}\n{"exportFormat":1,"rows":${deep}`)],
    ["claims nested deep", text(`${encoded('{"typ":"x"}')}.${encoded(`{"a":${"[".repeat(300_000)}`)}.${"A".repeat(86)}\n`)],
    ["a record without an end", text(`eyJ${"A".repeat(30_000_000)}`)],
    ["a million empty records", text("a.b.c\n".repeat(1_000_000))],
    ["a checkpoint of a million lines", text(`o\n1\n${Buffer.alloc(32).toString("base64")}\n\n${"— o AAAAAA==\n".repeat(60_000)}`)],
    ["an archive that promises much", Buffer.concat([text("PK\u0003\u0004"), Buffer.alloc(1_000_000, 0xff), text("PK\u0005\u0006"), Buffer.alloc(18, 0xff)])],
    ["a zstd frame", Buffer.from("28b52ffd0400010000", "hex")],
    ["a gzip file", Buffer.from("1f8b0800000000000003", "hex")],
  ] as const) {
    test(`${what} is answered, and not called good`, async () => {
      const built = await builtCore(evidence.directory)
      const texts = Object.values(evidence.keys).map((name) => readFileSync(join(evidence.directory, name), "utf8"))
      const { verdict } = await examine(memorySource("bomb", bytes), pinsOf(texts))
      assert.ok(["invalid", "unverifiable"].includes(verdict), verdict)
      assert.equal(await built("bomb", bytes, texts), verdict)
    })
  }

  test("only what is long and nested deeper than anything of ours is refused unread", () => {
    const long = " ".repeat(1 << 20)
    assert.equal(nestsTooDeep(`${"[".repeat(900)}${long}`), false)
    assert.equal(nestsTooDeep(`${"[".repeat(1_100)}${long}`), true)
    assert.equal(nestsTooDeep("[".repeat(1_100)), false)
    assert.equal(nestsTooDeep(`"${"[".repeat(1_100)}\\""${long}`), false)
    assert.equal(nestsTooDeep(`${"[{}]".repeat(300_000)}`), false)
  })
})
