/** The files that strangers get: what is inside of them, and what is not; and in an empty directory they come to the verdicts of the command line. */
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { copyFileSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, describe, test } from "node:test"
import { gzipSync } from "node:zlib"
import { Script } from "node:vm"
import { carrierOf, placedIn } from "../../../src/format/peac/carrier.ts"
import { temporaryDirectory } from "../../ledger-fixture.ts"
import { makeHome } from "../../cli/home.ts"
import { builtVerifiers, goodEvidence, type Evidence } from "./built.ts"
import type { BuiltVerifiers } from "../../../scripts/build-verifiers.ts"

let built: BuiltVerifiers
before(async () => {
  built = await builtVerifiers()
})

/** Ways to load, to send, to run text, or to make markup of text: none of them has a place in a verifier. */
const forbidden = [
  ...[
    "fetch",
    "XMLHttpRequest",
    "WebSocket",
    "WebTransport",
    "EventSource",
    "sendBeacon",
    "RTCPeerConnection",
    "importScripts",
    "serviceWorker",
    "SharedWorker",
  ],
  ...[
    "require",
    "eval",
    "Function",
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "setHTML",
    "DOMParser",
    "createContextualFragment",
    "srcdoc",
    "localStorage",
  ],
  ...["indexedDB", "navigator", "location", "Image", "FontFace", "document.write", "child_process", "node:net", "node:http", "node:crypto"],
]

describe("verify.mjs and verify.html", () => {
  test("are made of verify/, format/ and base/, and of one package", () => {
    const foreign = built.inputs.filter((path) => !/^src\/(?:verify|format|base)\/|^node_modules\/@noble\/hashes\//.test(path))
    assert.deepEqual(foreign, [])
    assert.ok(built.inputs.includes("src/verify/peac/bundle.ts") && built.inputs.includes("src/verify/evidence/kinds.ts"), "the verifier is not in them")
    assert.ok(!built.inputs.some((path) => /file-source\.ts$|format\/sha256\.ts$|verify\/(?:ed25519|asymmetric)\.ts$/.test(path)), "what asks Node is in them")
  })

  test("import nothing, load nothing, send nothing, and make no markup of text", () => {
    assert.deepEqual(built.imports, [])
    for (const text of [built.mjs, built.script]) {
      assert.ok(text.length > 100_000, "something is there")
      assert.deepEqual(
        forbidden.filter((name) => new RegExp(`\\b${name.replace(".", "\\.")}\\b`).test(text)),
        [],
      )
      assert.doesNotMatch(text, /^\s*(?:import|export)\b(?!["'.])|\bimport\s*[(.]/m)
      assert.doesNotMatch(text, /\.(?:src|href|action|cssText)\s*=/)
    }
  })

  test("take of Node's modules the four calls that read a file, in one place of verify.mjs, and of verify.html none", () => {
    assert.equal(built.script.includes("getBuiltinModule"), false)
    assert.deepEqual(
      [...built.mjs.matchAll(/getBuiltinModule\([^)]*\)/g)].map(([call]) => call),
      ['getBuiltinModule("node:fs")'],
    )
    assert.deepEqual([...new Set([...built.mjs.matchAll(/\bfiles\w*\.(\w+Sync)\b/g)].map(([, name]) => name))].sort(), [
      "closeSync",
      "fstatSync",
      "openSync",
      "readSync",
    ])
    assert.equal(built.mjs.includes("node:"), true)
    assert.deepEqual(
      [...built.mjs.matchAll(/["'`](node:[a-z_/]+)["'`]/g)].map(([, name]) => name),
      ["node:fs"],
    )
  })

  test("verify.html runs one script, by its hash, loads nothing, and is small", () => {
    const [, policy = ""] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(built.html) ?? []
    const hash = (text: string) => `sha256-${createHash("sha256").update(text).digest("base64")}`
    const scripts = [...built.html.matchAll(/<script[^>]*>([^]*?)<\/script>/g)].map(([, text]) => text ?? "")
    const [style = ""] = [...built.html.matchAll(/<style>([^]*?)<\/style>/g)].map(([, text]) => text ?? "")
    assert.equal(scripts.length, 1)
    assert.equal(
      policy,
      `default-src 'none'; script-src '${hash(scripts[0] ?? "")}'; style-src '${hash(style)}'; worker-src blob:; base-uri 'none'; form-action 'none'`,
    )
    const frame = built.html.replace(/<(script|style)>[^]*?<\/\1>/g, "")
    assert.doesNotMatch(frame, /\b(?:src|href|action|style|on[a-z]+)\s*=/i)
    assert.ok(gzipSync(built.html).length <= 150_000)
  })

  test("are the same bytes when they are built again, and name no place of a machine", async () => {
    const { buildVerifiers } = await import("../../../scripts/build-verifiers.ts")
    const again = await buildVerifiers("0.0.0-test")
    assert.deepEqual([again.mjs === built.mjs, again.html === built.html], [true, true])
    for (const text of [again.mjs, again.html]) assert.doesNotMatch(text, /\/home\/|\/tmp\/|\.\.\/\.\.|\/node_modules/)
  })
})

describe("verify.mjs in an empty directory", () => {
  const directory = temporaryDirectory({ after })
  let evidence: Evidence
  const endings: (() => void)[] = []
  after(() => {
    for (const end of endings.reverse()) end()
  })
  before(async () => {
    evidence = await goodEvidence({ after: (end) => void endings.push(end) })
    writeFileSync(join(directory, "verify.mjs"), built.mjs)
    for (const name of [...evidence.files.keys(), ...Object.values(evidence.keys), evidence.foreign, evidence.authority])
      copyFileSync(join(evidence.directory, name), join(directory, name))
  })
  // It may read the directory, and nothing else: no other file, no process, no worker, no addon.
  const run = (...args: readonly string[]) => {
    const flags = ["--permission", `--allow-fs-read=${directory}`]
    const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, "verify.mjs", ...args], { cwd: directory, encoding: "utf8", env: {} })
    return { status, stdout, stderr }
  }
  const verdictOf = (...args: readonly string[]) => {
    const { status, stdout, stderr } = run("--json", ...args)
    assert.equal(stderr, "")
    const { files } = JSON.parse(stdout) as { files: readonly { verdict: string; says: string; problems: readonly string[] }[] }
    return [status, ...files.map(({ verdict }) => verdict)]
  }

  test("every kind of evidence is valid under its key, unverifiable without one, and what was exceeded or erased is told", () => {
    const { receipts, ledger, map, held, exceeded, anchored } = evidence.keys
    for (const [file, key, exit, verdict] of [
      ["receipt.jws", receipts, 0, "valid"],
      ["receipts.jws", receipts, 0, "valid"],
      ["month.peacbundle", receipts, 0, "valid"],
      ["entry.proof.json", ledger, 0, "valid"],
      ["grown.proof.json", ledger, 0, "valid"],
      ["head.note", ledger, 0, "valid"],
      ["here.proof.json", map, 0, "valid"],
      ["absent.proof.json", map, 0, "valid"],
      ["export.ndjson", ledger, 0, "valid"],
      ["erased.ndjson", ledger, 0, "valid with erasures"],
      ["anchored.ndjson", anchored, 0, "valid"],
      ["november.cap-proof", held, 0, "valid"],
      ["exceeded.cap-proof", exceeded, 1, "exceeded"],
    ] as const) {
      if (!evidence.files.has(file)) continue
      assert.deepEqual(verdictOf(file, "--keys", key), [exit, verdict], file)
      assert.deepEqual(verdictOf(file), [2, "unverifiable"], file)
    }
    if (!evidence.files.has("anchored.ndjson")) return
    assert.deepEqual(verdictOf("anchored.ndjson", "--keys", anchored, "--keys", evidence.authority), [0, "valid"])
    assert.deepEqual(verdictOf("export.ndjson", "--keys", ledger, "--keys", evidence.authority), [2, "unverifiable"])
  })

  test("receipts are found where they travel, in messages and headers, and only the one that is referred to", () => {
    const jws = readFileSync(join(directory, "receipt.jws"), "utf8").trim()
    const made = carrierOf(jws, "https://agents.example.com/1.jws", "mcp")
    assert.ok("value" in made)
    const carrier = made.value
    const put = (name: string, text: string) => writeFileSync(join(directory, name), text)
    put("mcp.json", JSON.stringify({ jsonrpc: "2.0", id: 1, result: { content: [{ type: "text", text: "x".repeat(100_000) }], ...placedIn(carrier, "mcp") } }))
    put("a2a.json", JSON.stringify({ status: placedIn(carrier, "a2a") }))
    put("headers.txt", `HTTP/1.1 200 OK\r\nServer: x\r\nPEAC-Receipt: ${jws}\r\n\r\nanswer`)
    put("other.json", JSON.stringify(placedIn({ ...carrier, receipt_ref: `sha256:${"0".repeat(64)}` }, "a2a")))
    put("reference.json", JSON.stringify(placedIn({ receipt_ref: carrier.receipt_ref }, "mcp")))
    const { receipts } = evidence.keys
    for (const name of ["mcp.json", "a2a.json", "headers.txt"]) {
      assert.deepEqual(
        [verdictOf(name, "--keys", receipts), verdictOf(name, "--keys", evidence.foreign)],
        [
          [0, "valid"],
          [2, "unverifiable"],
        ],
        name,
      )
    }
    assert.deepEqual(verdictOf("other.json", "--keys", receipts), [1, "invalid"])
    assert.deepEqual(verdictOf("reference.json", "--keys", receipts), [2, "unverifiable"])
    assert.match(run("mcp.json", "--keys", receipts).stdout, /agents\.example\.com\/1\.jws\. Nothing was fetched/)
  })

  test("the exit status is that of the worst, and of the command line", async () => {
    const { receipts, ledger } = evidence.keys
    const broken = Buffer.from(evidence.files.get("month.peacbundle") ?? "")
    broken[broken.length >> 1] = (broken[broken.length >> 1] ?? 0) ^ 1
    writeFileSync(join(directory, "broken.peacbundle"), broken)
    const home = makeHome({ after })
    for (const [file, keys, exit] of [
      ["month.peacbundle", receipts, 0],
      ["broken.peacbundle", receipts, 1],
      ["month.peacbundle", evidence.foreign, 2],
      ["receipts.jws", receipts, 0],
      ["receipts.jws", evidence.foreign, 2],
    ] as const) {
      assert.equal(run(file, "--keys", keys).status, exit, file)
      assert.equal((await home.run(["receipts", "verify", join(directory, file), "--keys", join(directory, keys)])).exit, exit, file)
    }
    assert.deepEqual(verdictOf("month.peacbundle", "broken.peacbundle", "head.note", "--keys", receipts), [1, "valid", "invalid", "unverifiable"])
    assert.deepEqual(verdictOf("month.peacbundle", "head.note", "--keys", receipts), [2, "valid", "unverifiable"])
    assert.deepEqual(verdictOf("month.peacbundle", "head.note", "--keys", receipts, "--keys", ledger), [0, "valid", "valid"])
  })

  test("what it is given wrongly it says in a sentence", () => {
    for (const [args, words] of [
      [[], /^Usage/],
      [["--nonsense", "head.note"], /There is no --nonsense/],
      [["head.note", "--keys"], /--keys wants a value/],
      [["head.note", "--keys", "missing.json"], /missing\.json cannot be pinned/],
      [["head.note", "--key", "nonsense"], /The key cannot be pinned/],
      [["head.note", "--keys", "month.peacbundle"], /cannot be pinned/],
      [["missing.note"], /could not be checked to its end/],
      [[evidence.keys.receipts], /file of keys, not evidence/],
    ] as const) {
      const { status, stdout, stderr } = run(...args)
      assert.equal(status, 2)
      assert.match(stdout + stderr, words)
      assert.doesNotMatch(stdout + stderr, /^\s+at .+:\d+:\d+/m)
    }
    assert.equal(run("--help").status, 0)
  })

  test("it says what was checked, under which key, and what is not proven; and a name or text of a file moves no cursor", () => {
    const { stdout } = run("receipt.jws", "--keys", evidence.keys.receipts)
    for (const words of [/^✓ VALID {2}receipt\.jws$/m, /Checked:/, /\(pinned\)/, /Not proven:/, /issued: .* by https:\/\/agent\.example\.com/])
      assert.match(stdout, words)
    const strange = "a\u001b[31m\u202eb.note"
    writeFileSync(join(directory, strange), "x")
    assert.match(run(strange).stdout, /\? UNVERIFIABLE {2}a\\u001b\[31m\\u202eb\.note/)
  })

  test("it asks for no global but those of the language, of texts and of WebCrypto, and for the process's words and files", async () => {
    const asked = new Set<string>()
    const scope = new Proxy({} as Record<PropertyKey, unknown>, {
      has: (_, name) => {
        asked.add(String(name))
        return true
      },
      get: (_, name) => (name === Symbol.unscopables ? undefined : name === "process" ? stub : (globalThis as unknown as Record<PropertyKey, unknown>)[name]),
    })
    let said = ""
    const keys = Object.values(evidence.keys).flatMap((name) => ["--keys", join(directory, name)])
    const stub = {
      argv: ["node", "verify.mjs", ...[...evidence.files.keys()].map((name) => join(directory, name)), ...keys],
      stdout: { write: (text: string) => (said += text), on: () => {} },
      getBuiltinModule: (name: "node:fs") => process.getBuiltinModule(name),
      exitCode: 0,
    }
    // A scope that answers for every name: what the text of the file asks of it, it asks the world for.
    const run = new Script(`(function (scope) { with (scope) { return (async () => { ${built.mjs} })() } })`).runInThisContext() as (
      scope: object,
    ) => Promise<void>
    await run(scope)
    assert.ok(said.includes("VALID") && asked.has("process"), "it did not run")
    const language = new Set(Object.getOwnPropertyNames(new Script("globalThis").runInNewContext() as object))
    assert.deepEqual([...asked].filter((name) => !language.has(name)).sort(), ["TextDecoder", "TextEncoder", "URL", "crypto", "process"])
  })

  test("standard input is read where a file is called -", () => {
    const { status, stdout } = spawnSync(process.execPath, ["verify.mjs", "-", "--keys", evidence.keys.receipts], {
      cwd: directory,
      encoding: "utf8",
      input: evidence.files.get("month.peacbundle"),
    })
    assert.equal(status, 0)
    assert.match(stdout, /VALID {2}-/)
  })
})
