/** Exports, verified from the file alone: every change of a byte that is proven or read is found, by whoever made it. */
import assert from "node:assert/strict"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, describe, test } from "node:test"
import { Fault } from "../../src/base/fault.ts"
import { parseVerifierKey, verifierKeyText, type VerifierKey } from "../../src/format/checkpoint.ts"
import { Signer } from "../../src/vault/signer.ts"
import { fileSource } from "../../src/verify/file-source.ts"
import { verifyExport } from "../../src/verify/offline.ts"
import type { VerifyReport } from "../../src/verify/verdict.ts"
import { exportRows, type ExportQuestion } from "../../src/views/export.ts"
import { temporaryDirectory, temporaryLedger } from "../ledger-fixture.ts"

const directory = temporaryDirectory({ after })
const ledger = temporaryLedger({ after })
ledger.append(48)
ledger.record({ type: "message.received", id: "m:1", facts: { length: 3 }, content: { text: "line\u2028separator\u2029 and \r and \u0085" } })
const key = parseVerifierKey(ledger.keys().store.verifierKey)
const stranger = new Signer(key.name, Buffer.alloc(32, 1))

function exported(question: Partial<ExportQuestion> = {}): string[] {
  const access = ledger.read()
  const lines = [...exportRows(access, { includeContent: true, ...question })].map((row) => JSON.stringify(row))
  access.close()
  return lines
}

const whole = exported()
const parts = exported({ type: "tool.invoked" })

async function verdictOf(lines: readonly string[], used: VerifierKey | undefined = key): Promise<VerifyReport> {
  const file = join(directory, "export.ndjson")
  writeFileSync(file, `${lines.join("\n")}\n`)
  return verifyExport(fileSource(file), { key: used })
}

type Row = Record<string, unknown> & { readonly proven: Record<string, unknown> }
const edited = (lines: readonly string[], at: number, edit: (row: Row) => void): string[] => {
  const row = JSON.parse(lines.at(at) ?? "") as Row
  edit(row)
  return lines.with(at, JSON.stringify(row))
}

describe("exports", () => {
  test("are valid with the key, unverifiable without one, invalid under another", async () => {
    for (const lines of [
      whole,
      exported({ includeContent: false }),
      parts,
      exported({ from: 5, to: 9 }),
      exported({ limit: 3 }),
      exported({ session: "nobody" }),
    ]) {
      assert.deepEqual([(await verdictOf(lines)).verdict, (await verdictOf(lines)).problems], ["valid", []])
      const file = join(directory, "export.ndjson")
      assert.equal((await verifyExport(fileSource(file), { key: undefined })).verdict, "unverifiable")
      assert.equal((await verdictOf(lines, parseVerifierKey(verifierKeyText(stranger.name, stranger.publicKey)))).verdict, "invalid")
    }
    assert.deepEqual([(await verdictOf(whole)).entries, (await verdictOf(parts)).entries], [50, 6])
    assert.equal(readFileSync(join(directory, "export.ndjson"), "utf8").split("\n").length - 1, parts.length)
  })

  for (const [what, lines] of [
    ["whole", whole],
    ["in part", parts],
  ] as const) {
    test(`${what}: no readable field and no proven byte may be another`, async () => {
      const row = JSON.parse(lines[2] ?? "") as Row
      for (const name of Object.keys(row).filter((name) => name !== "proven" && !["sessionId", "userId", "machineId"].includes(name))) {
        assert.equal((await verdictOf(edited(lines, 2, (row) => (row[name] = "changed")))).verdict, "invalid", name)
        assert.equal((await verdictOf(edited(lines, 2, (row) => Reflect.deleteProperty(row, name)))).verdict, "invalid", `without ${name}`)
      }
      for (const name of Object.keys(row.proven)) {
        const value = row.proven[name]
        const other = typeof value === "string" ? value.replace(/[a-z0-9]/, (one) => (one === "7" ? "8" : "7")) : []
        assert.equal((await verdictOf(edited(lines, 2, (row) => (row.proven[name] = other)))).verdict, "invalid", `proven ${name}`)
      }
      assert.equal((await verdictOf(edited(lines, 2, (row) => (row["more"] = 1)))).verdict, "invalid", "a field more")
    })

    test(`${what}: no row may be missing, doubled, moved or foreign`, async () => {
      const row = lines[2] ?? ""
      for (const changed of [
        lines.toSpliced(2, 1),
        lines.toSpliced(2, 0, row),
        lines.toSpliced(1, 2, row, lines[1] ?? ""),
        lines.with(2, "{}"),
        lines.with(2, "{"),
        lines.with(2, "[]"),
        lines.with(2, lines[1] ?? ""),
      ]) {
        assert.equal((await verdictOf(changed)).verdict, "invalid")
      }
    })
  }

  test("the last line may not say anything else", async () => {
    const changes: readonly ((row: Row) => void)[] = [
      (end) => (end["rows"] = 49),
      (end) => (end["complete"] = false),
      (end) => (end["verifierKey"] = verifierKeyText(stranger.name, stranger.publicKey)),
      (end) => (end["verifierKey"] = "nonsense"),
      (end) => (end["checkpoint"] = String(end["checkpoint"]).replace("\n50\n", "\n49\n")),
      (end) => (end["checkpoint"] = stranger.note({ origin: key.name, size: 50, root: Buffer.alloc(32) })),
      (end) => (end["more"] = 1),
    ]
    for (const change of changes) assert.equal((await verdictOf(edited(whole, -1, change))).verdict, "invalid", String(change))
  })

  test("an older checkpoint does not prove fewer rows, nor a newer one more", async () => {
    const end = JSON.parse(whole.at(-1) ?? "") as Row
    const cut = [...whole.slice(0, 30), JSON.stringify({ ...end, rows: 30 })]
    assert.equal((await verdictOf(cut)).verdict, "invalid")
  })

  for (const [what, text] of [
    ["an empty file", ""],
    ["text", "hello\n"],
    ["a CSV", "sequence,id\n1,2\n"],
    ["a cut end", whole.join("\n").slice(0, -20)],
    ["no end line", `${whole.slice(0, -1).join("\n")}\n`],
    ["an end without a note", '{"exportFormat":1,"rows":0,"complete":true,"checkpoint":"","verifierKey":"k"}\n'],
    ["a newer format", '{"exportFormat":2}\n'],
  ] as const) {
    test(`${what} is no export: a fault`, async () => {
      const file = join(directory, "not-an-export")
      writeFileSync(file, text)
      await assert.rejects(verifyExport(fileSource(file), { key }), (error) => error instanceof Fault && error.code === "export.unreadable")
    })
  }

  test("a file that is not there is a fault", async () => {
    await assert.rejects(verifyExport(fileSource(join(directory, "missing")), { key }), (error) => error instanceof Fault && error.code === "export.unreadable")
  })
})
