/** Time-stamps in exports: whatever stands there, the verifier as it is built finds what the sources find under Node. */
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { memorySource } from "../../../src/verify/byte-source.ts"
import { examine } from "../../../src/verify/evidence/examine.ts"
import { caExtensions, makeIdentities, needsOpenssl, stampExtensions, type Identity } from "../../anchor/authority.ts"
import { anchoredLines, type Anchored } from "../../anchor/anchored-lines.ts"
import { temporaryDirectory } from "../../ledger-fixture.ts"
import { builtCore, pinsOf } from "./mutations.ts"

const flipped = (token: Buffer, at: number) =>
  Buffer.from(token).fill((token.at(at) ?? 0) ^ 1, at < 0 ? token.length + at : at, (at < 0 ? token.length + at : at) + 1)

describe("an export with time-stamps, in one file", needsOpenssl, () => {
  const directory = temporaryDirectory({ after })
  const endings: (() => void)[] = []
  after(() => endings.reverse().forEach((end) => end()))
  const t = { after: (end: () => void) => void endings.push(end) }
  const { pki, ca, stamper } = makeIdentities(join(directory, "pki"))
  const foreign = makeIdentities(join(directory, "foreign"), { rsa: true })
  const pem = ({ certificate }: Identity) => readFileSync(certificate, "utf8")
  let found: Awaited<ReturnType<typeof builtCore>>
  before(async () => {
    found = await builtCore(directory)
  })
  const verdictOf = async ({ text, verifierKey }: Anchored, ...authorities: readonly Identity[]) => {
    const [bytes, keys] = [Buffer.from(text), [verifierKey, ...authorities.map(pem)]]
    const { verdict } = await examine(memorySource("anchored.ndjson", bytes), pinsOf(keys))
    assert.equal(await found("anchored.ndjson", bytes, keys), verdict, "both come to one verdict")
    return verdict
  }

  test("is valid with good ones, under their authority when one is pinned", async () => {
    const made = anchoredLines(t, directory, stamper)
    assert.deepEqual([await verdictOf(made), await verdictOf(made, ca), await verdictOf(made, stamper)], ["valid", "valid", "valid"])
    assert.deepEqual([await verdictOf(made, foreign.ca), await verdictOf(made, ca, foreign.ca)], ["unverifiable", "unverifiable"])
    const { details } = await examine(memorySource("x", Buffer.from(made.text)), pinsOf([made.verifierKey]))
    assert.match(details.find(({ name }) => name === "time-stamps")?.value ?? "", /by http:\/\/a\.example\/.*not checked/)
  })

  test("is invalid when what an authority gave is spelled otherwise, though a decoder may pass over it", async () => {
    const made = anchoredLines(t, directory, stamper)
    for (const strange of [",", " ", "\ufeff", "="]) {
      const text = made.text.replace(/("anchored":\[.*"proof":"[A-Za-z0-9+/]{40})/, `$1${strange}`)
      assert.notEqual(text, made.text)
      assert.equal(await verdictOf({ ...made, text }, ca), "invalid", JSON.stringify(strange))
    }
  })

  test("is valid with RSA, by PKCS #1 and by PSS, and over two steps", async () => {
    assert.equal(await verdictOf(anchoredLines(t, directory, foreign.stamper), foreign.ca), "valid")
    const byPss = foreign.pki.issue("Stamper by PSS", { issuer: foreign.ca, extensions: stampExtensions, pss: true })
    const made = anchoredLines(t, directory, byPss)
    assert.deepEqual([await verdictOf(made, foreign.ca), await verdictOf(made, ca)], ["valid", "unverifiable"])
  })

  test("is invalid with a wrong signature, or a certificate for another purpose", async () => {
    const other = pki.issue("Web Server", { issuer: ca, extensions: stampExtensions.replace("timeStamping", "serverAuth") })
    for (const pins of [[], [ca]]) {
      assert.equal(
        await verdictOf(
          anchoredLines(t, directory, stamper, (token) => flipped(token, -5)),
          ...pins,
        ),
        "invalid",
      )
      assert.equal(await verdictOf(anchoredLines(t, directory, other), ...pins), "invalid")
    }
  })

  test("is unverifiable under a certificate that leads nowhere: out of date, or issued by one that may not", async () => {
    const old = pki.issue("Old Stamper", { issuer: ca, extensions: stampExtensions, to: "210101000000Z" })
    const under = pki.issue("Under Leaf", { issuer: stamper, extensions: stampExtensions })
    const twin = pki.issue("Test CA", { extensions: caExtensions })
    assert.equal(await verdictOf(anchoredLines(t, directory, old), ca), "unverifiable")
    assert.equal(await verdictOf(anchoredLines(t, directory, under), stamper), "unverifiable")
    assert.equal(await verdictOf(anchoredLines(t, directory, stamper), twin), "unverifiable", "of the same name, with another key")
  })

  test("every byte of a token that is changed is seen by both alike, and called valid by none", async () => {
    const { text, verifierKey } = anchoredLines(t, directory, stamper)
    const proof = /"proof":"([^"]+)"/.exec(text)?.[1] ?? assert.fail("no proof")
    const token = Buffer.from(proof, "base64")
    for (let at = 3; at < token.length; at += 23) {
      const bent = text.replaceAll(`"proof":"${proof}"`, () => `"proof":"${flipped(token, at).toString("base64")}"`)
      assert.equal(await verdictOf({ text: bent, verifierKey }, ca), "invalid", `byte ${at}`)
    }
  })
})
