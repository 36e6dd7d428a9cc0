/** The library as it is packed: the guide's example runs in an empty directory, its types stand for themselves, and a stranger checks what it wrote. */
import assert from "node:assert/strict"
import { execFileSync, spawnSync } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { before, describe, test, after } from "node:test"
import { builtPlugin } from "../gateway/built-plugin.ts"
import { temporaryDirectory } from "../ledger-fixture.ts"

const root = join(import.meta.dirname, "../..")

describe("the packed library", () => {
  const directory = temporaryDirectory({ after })
  const installed = join(directory, "node_modules/sovereign-ledger")
  const node = (...args: readonly string[]) => execFileSync(process.execPath, args, { cwd: directory, encoding: "utf8", env: {} })

  before(async () => {
    mkdirSync(installed, { recursive: true })
    execFileSync("tar", ["-xzf", (await builtPlugin()).tarballPath, "-C", installed, "--strip-components=1"])
  })

  test("runs the guide's example, whose receipts verify.mjs accepts", () => {
    const [, example = ""] = /```js\n(\/\/ receipts\.mjs\n[^]*?)```/.exec(readFileSync(join(root, "docs/guides/receipts.md"), "utf8")) ?? []
    writeFileSync(join(directory, "receipts.mjs"), example)
    assert.match(node("receipts.mjs"), /^1 [0-9a-f]{64}\n$/)
    assert.match(node(join(installed, "verify.mjs"), "receipts.jws", "--keys", "jwks.json"), /VALID/)
  })

  test("needs nothing but itself and Node", () => {
    const text = readFileSync(join(installed, "receipts.mjs"), "utf8")
    const imports = [...text.matchAll(/^import .* from "([^"]+)";$/gm)].map(([, name]) => name)
    assert.deepEqual([...new Set(imports)].sort(), ["node:crypto", "node:fs/promises", "node:path"])
    assert.ok(text.length < 120_000, `${text.length}`)
  })

  test("has types, by which a mistake is found before it runs", () => {
    const program = (member: string) => `import { memoryStore, openReceipts, type Captured } from "sovereign-ledger/receipts"
import { generateKeyPairSync } from "node:crypto"
await using receipts = openReceipts({ store: memoryStore(), key: generateKeyPairSync("ed25519").privateKey })
const at = new Date().toISOString()
const { ${member} }: Captured = await receipts.capture({ id: "a", kind: "tool.call", platform: "p", started_at: at, completed_at: at, status: "ok" })
console.log(${member})
`
    writeFileSync(join(directory, "package.json"), '{"type":"module"}')
    writeFileSync(join(directory, "good.ts"), program("entryDigest"))
    writeFileSync(join(directory, "bad.ts"), program("digest"))
    const types = dirname(dirname(createRequire(import.meta.url).resolve("@types/node/package.json")))
    const flags = [
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "es2024",
      "--lib",
      "es2024,esnext.disposable",
      "--typeRoots",
      types,
      "--types",
      "node",
    ]
    const compiled = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...flags, "good.ts", "bad.ts"], {
      cwd: directory,
      encoding: "utf8",
    })
    assert.match(compiled.stdout, /^bad\.ts\(5,9\): error TS2339: Property 'digest' does not exist on type 'Captured'\.\n$/)
    node("good.ts")
  })
})
