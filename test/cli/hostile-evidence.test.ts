/** Evidence whose texts are orders to a terminal: whichever command shows it, no control character and nothing invisible comes out. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { plain, plainId, plainPage } from "../../src/base/plain-text.ts"
import type { Json, JsonObject } from "../../src/base/json.ts"
import { carrierOf, placedIn } from "../../src/format/peac/carrier.ts"
import { builtVerifiers, goodEvidence, type Evidence } from "../verify/one-file/built.ts"
import { bundleFiles, claimsOf, jwsOf, newKey, zipOf } from "../verify/peac/made-records.ts"
import { makeHome } from "./home.ts"

/** Clears the screen; then C1, bell, return, right-to-left, zero width, soft hyphen, no-break space, a tag letter, private use. */
const order = "\u001b[2J\u009b2J\u0007\r\u202e\u200b\u00ad\u200f\u2066\u00a0\u{e0041}\ue000"
const troublesome = /[^\P{C}\n]|[\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/u

/** Each text in it, names of members too where they are not needed, has the order behind it. */
function ordered(value: Json, isText: (text: string) => boolean): Json {
  if (typeof value === "string") return isText(value) ? `${value}${order}` : value
  if (Array.isArray(value)) return value.map((one) => ordered(one as Json, isText))
  if (typeof value !== "object" || value === null) return value
  return { ...Object.fromEntries(Object.entries(value as JsonObject).map(([name, inner]) => [name, ordered(inner, isText)])), [`x${order}`]: order }
}

describe("evidence with orders to the terminal", () => {
  const endings: (() => void)[] = []
  after(() => endings.reverse().forEach((end) => end()))
  const ending = { after: (end: () => void) => void endings.push(end) }
  const home = makeHome({ after })
  const key = newKey()
  let evidence: Evidence
  const files = new Map<string, Buffer>()
  before(async () => {
    evidence = await goodEvidence(ending, 2)
    const text = (name: string) => evidence.files.get(name)?.toString() ?? ""
    const put = (name: string, bytes: Buffer | string) => {
      files.set(name, Buffer.from(bytes))
      writeFileSync(join(home.directory, name), bytes)
    }
    for (const name of ["entry.proof.json", "here.proof.json", "absent.proof.json"]) {
      const told = JSON.parse(text(name)) as JsonObject
      put(`all ${name}`, `${JSON.stringify(ordered(told, (one) => !/^[\w-]+$/.test(one)))}\n`)
      put(`id ${name}`, `${JSON.stringify({ ...told, id: `a${order} ` })}\n`)
      put(
        `note ${name}`,
        text(name).replaceAll("sovereign-ledger/", () => `sovereign-ledger\\u001b[2J\\u202e/`),
      )
    }
    const lines = text("export.ndjson").trimEnd().split("\n")
    const bent = lines.map((line, at) => {
      const told = JSON.parse(line) as JsonObject
      return at < 2 ? JSON.stringify(ordered(told, () => true)) : at === 2 ? JSON.stringify({ ...told, eventType: order, [`n${order}`]: 1 }) : line
    })
    put("rows.ndjson", `${bent.join("\n")}\n`)
    const end = (change: (told: JsonObject) => JsonObject) =>
      `${[...lines.slice(0, -1), JSON.stringify(change(JSON.parse(lines.at(-1) ?? "") as JsonObject))].join("\n")}\n`
    put(
      "end.ndjson",
      end((told) => ({ ...told, verifierKey: `${String(told["verifierKey"])}${order}` })),
    )
    put(
      "origin.ndjson",
      end((told) => ({ ...told, checkpoint: String(told["checkpoint"]).replaceAll("sovereign-ledger/", `sovereign-ledger${order}/`) })),
    )
    const anchored = { kind: "rfc3161", authority: `http://a${order}/`, size: 1, atMs: 1, reference: order, note: `x${order}`, proof: "AA", consistency: [] }
    put(
      "anchor.ndjson",
      end((told) => ({ ...told, anchored: [anchored] })),
    )
    put(
      "cap.cap-proof",
      text("november.cap-proof").replace(/"(?=,|\})/, () => `${JSON.stringify(order).slice(1, -1)}"`),
    )
    put("head.note", text("head.note").replaceAll("sovereign-ledger/", `sovereign-ledger${order}/`))
    put(
      "type.jws",
      [
        jwsOf(claimsOf(1, { type: `a://x${order}` }), key),
        jwsOf(claimsOf(2, { sub: `s${order}` }), key),
        jwsOf(claimsOf(3, { [order]: 1 }), key),
        `x${order}`,
      ].join("\n"),
    )
    put("kid.jws", jwsOf(claimsOf(1), key, { kid: `k${order}` }))
    const records = [{ claims: claimsOf(1), jws: jwsOf(claimsOf(1), key) }]
    put("m.peacbundle", zipOf(bundleFiles(records, key, (told) => ordered(told, () => true) as JsonObject)))
    const carrier = carrierOf(jwsOf(claimsOf(1), key), "https://a.example/r", "mcp")
    assert.ok("value" in carrier)
    put("mcp.jws", JSON.stringify(ordered(placedIn(carrier.value, "mcp") as Json, () => true)))
    put("http.jws", `HTTP/1.1 200 ${order}\nPEAC-Receipt: x${order}\nPEAC-Receipt-URL: https://a${order}\n\n`)
    put("k.json", JSON.stringify({ keys: [key.jwk] }))
    put(`n\u001b[2J\u202e.jws`, "x")
  })
  const none = (what: string, said: { readonly stdout: string; readonly stderr: string }) => {
    assert.ok(said.stdout.length + said.stderr.length > 40, `${what} said nothing`)
    for (const text of [said.stdout, said.stderr]) {
      const found = troublesome.exec(text)
      assert.equal(found, null, `${what}: ${JSON.stringify(text.slice(Math.max(0, (found?.index ?? 0) - 80), (found?.index ?? 0) + 20))}`)
      assert.doesNotMatch(text, /^\s+at .+:\d+:\d+/m, what)
    }
  }

  test("is shown by no command as it is", async () => {
    const trusted = ["--key", evidence.files.has("export.ndjson") ? `sovereign-ledger/x+00000000+${order}` : ""]
    for (const name of files.keys()) {
      const commands = name.endsWith(".ndjson")
        ? [["verify", "--offline"]]
        : name.endsWith(".proof.json")
          ? [
              ["verify", "--proof"],
              ["smt", "verify"],
            ]
          : name.endsWith(".cap-proof")
            ? [["verify", "--cap-proof"]]
            : name.endsWith(".note")
              ? [["verify", "--against"]]
              : [["receipts", "verify", "--keys", "k.json"]]
      for (const command of commands) {
        for (const more of [[], ["--json"]]) none(`${command.join(" ")} ${plain(name)} ${more.join(" ")}`, await home.run([...command, name, ...more]))
      }
    }
    none("a key that is none", await home.run(["verify", "--offline", "rows.ndjson", ...trusted]))
  })

  test("is shown by verify.mjs as little", async () => {
    const { mjs } = await builtVerifiers()
    writeFileSync(join(home.directory, "verify.mjs"), mjs)
    for (const more of [[], ["--json"], ["--nonsense\u001b[2J"], ["--key", `k${order}`]]) {
      const said = spawnSync(process.execPath, ["verify.mjs", ...files.keys(), "--keys", "k.json", ...more], { cwd: home.directory, encoding: "utf8", env: {} })
      none(`verify.mjs ${plain(more.join(" "))}`, said)
    }
  })

  test("is made plain, each character that cannot be seen; and what can be seen stays", () => {
    assert.doesNotMatch(plain(order), troublesome)
    assert.equal(plain("a\u200b\u{e0041}\ud800 é 帳 😀"), "a\\u200b\\udb40\\udc41\\ud800 é 帳 😀")
    assert.deepEqual([plainId("a"), plainId("a "), plainId(""), plainId("a\u00a0")], ["a", '"a "', '""', '"a\\u00a0"'])
    const json = { [order]: [order, "\ud800"] }
    const shown = plainPage(`${JSON.stringify(json)}\n`, true)
    assert.deepEqual(JSON.parse(shown), json)
    assert.doesNotMatch(shown, troublesome)
    assert.equal(plainPage("\u001b[31mred\u001b[39m\n", true), "\u001b[31mred\u001b[39m\n")
    assert.equal(plainPage("\u001b[31m\u001b[2J", false), "\\u001b[31m\\u001b[2J")
  })
})
