/**
 * The one-file verifiers of the built package on a bundle of 10,000 receipts: verify.html in a headless Chromium, from the choice of the file to the verdict, as a
 * reader waits for it; verify.mjs as a whole process. In turn with them the command line, which has Node's own hashes and signatures, and bare native checks of
 * as many signatures over the same bytes. And an export of 20,000 entries, by verify.mjs and by the command line.
 */
import { verify as verifySignature } from "node:crypto"
import { readFileSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { gzipSync } from "node:zlib"
import type { RunOptions } from "../scripts/runnable.ts"
import { treeCpuMs } from "../scripts/tree-cpu.ts"
import { openForReading } from "../src/views/ledger-access.ts"
import { Chromium } from "../test/browser/chromium.ts"
import { bundleFiles, claimsOf, jwsOf, newKey, zipOf, type TestKey } from "../test/verify/peac/made-records.ts"
import { temporaryDirectory } from "./ledger-home.ts"
import { builtPackage, timedCommand } from "./processes.ts"
import { atMost, median, shown, spread, type BenchRow } from "./samples.ts"
import { builtStore } from "./store.ts"

export const about = "verify.html and verify.mjs: their size, and 10,000 receipts in a browser and in Node"

const receipts = 10_000
const entries = 20_000

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const repetitions = args.includes("--quick") ? 2 : 5
  const directory = temporaryDirectory("one-file")
  const { cliPath } = await builtPackage()
  const [html, mjs] = ["verify.html", "verify.mjs"].map((name) => join(dirname(cliPath), name)) as [string, string]
  say(`making a bundle of ${receipts} receipts`)
  const { bundle, keys, bare } = makeBundle(directory)
  const command = [process.execPath, "--no-warnings", cliPath, "receipts", "verify", bundle, "--keys", keys]
  const module = [process.execPath, mjs, bundle, "--keys", keys]
  const { ours, theirs } = await exportCommands(directory, cliPath, mjs, say)
  const measured = {
    browser: [] as number[],
    module: [] as number[],
    command: [] as number[],
    bare: [] as number[],
    export: [] as number[],
    browserCpu: [] as number[],
  }
  const browser = await Chromium.start()
  try {
    for (let i = 0; i < repetitions; i++) {
      measured.bare.push(bare())
      measured.command.push(timedCommand(command).cpuMs)
      measured.module.push(timedCommand(module).cpuMs)
      measured.export.push(timedCommand(theirs).cpuMs / timedCommand(ours).cpuMs)
      const { wallMs, cpuMs } = await inBrowser(browser, html, bundle, keys)
      measured.browser.push(wallMs)
      measured.browserCpu.push(cpuMs)
      say(`one-file ${i + 1}/${repetitions}`)
    }
  } finally {
    await browser.end()
  }
  say(`in Chromium, s on the clock (least | median | most): ${spread(measured.browser.map((ms) => ms / 1_000))}`)
  const ratio = (times: readonly number[], to: readonly number[]) => median(times.map((ms, i) => ms / (to[i] ?? Number.NaN)))
  return [
    atMost("verify.html, gzip", gzipSync(readFileSync(html)).length / 1_000, "kB", 150),
    atMost(`${receipts} receipts in headless Chromium, from the choice of the file to the verdict`, median(measured.browser) / 1_000, "s", 12),
    shown("the same / bare native verifications of as many signatures", ratio(measured.browser, measured.bare), "x"),
    shown("the same, processor time of the browser", median(measured.browserCpu) / 1_000, "s"),
    shown("verify.mjs, processor time of the process", median(measured.module) / 1_000, "s"),
    shown("verify.mjs / receipts verify, processor time", ratio(measured.module, measured.command), "x"),
    shown(`an export of ${entries} entries: verify.mjs / verify --offline, processor time`, median(measured.export), "x"),
    shown("the bundle", statSync(bundle).size / 1e6, "MB"),
  ]
}

/** An export of a store, and who checks it: the command line and verify.mjs. */
async function exportCommands(directory: string, cliPath: string, mjs: string, say: (words: string) => void) {
  const { home } = await builtStore(entries, say)
  const access = openForReading(home.files, home.secrets)
  const { verifierKey } = access.keys.store
  access.close()
  const file = join(directory, "export.ndjson")
  const cli = [process.execPath, "--no-warnings", cliPath]
  const places = ["--data-dir", home.files.directory, "--key-file", home.keyFile, "--head-note", home.files.headNote]
  timedCommand([...cli, "export", "json", "--out", file, ...places])
  const none = ["--data-dir", join(directory, "none")]
  return { ours: [...cli, "verify", "--offline", file, "--key", verifierKey, ...none], theirs: [process.execPath, mjs, file, "--key", verifierKey] }
}

/** Answers how long bare checks of its signatures take, in ms of processor time. */
function makeBundle(directory: string): { readonly bundle: string; readonly keys: string; readonly bare: () => number } {
  const key = newKey()
  const records = Array.from({ length: receipts }, (_, n) => ({ claims: claimsOf(n), jws: jwsOf(claimsOf(n), key) }))
  const [bundle, keys] = [join(directory, "bench.peacbundle"), join(directory, "jwks.json")]
  writeFileSync(bundle, zipOf(bundleFiles(records, key)))
  writeFileSync(keys, JSON.stringify({ keys: [key.jwk] }))
  return { bundle, keys, bare: () => bareMs(records, key) }
}

function bareMs(records: readonly { readonly jws: string }[], { secret }: TestKey): number {
  const signed = records.map(({ jws }) => {
    const at = jws.lastIndexOf(".")
    return { input: Buffer.from(jws.slice(0, at)), signature: Buffer.from(jws.slice(at + 1), "base64url") }
  })
  const from = performance.now()
  for (const { input, signature } of signed) if (!verifySignature(null, input, secret, signature)) throw new Error("a signature is wrong")
  return performance.now() - from
}

async function inBrowser(browser: Chromium, page: string, bundle: string, keys: string): Promise<{ readonly wallMs: number; readonly cpuMs: number }> {
  await browser.open(page)
  await browser.choose("#key-files", [keys])
  const [from, cpuFrom] = [performance.now(), treeCpuMs()]
  await browser.choose("#files", [bundle])
  let verdict = ""
  // Looked at from outside, so that a machine with much else to do is slow and not an error.
  while (verdict === "") {
    await sleep(20)
    verdict = await browser.value<string>("document.querySelector('article .verdict strong')?.textContent ?? ''")
  }
  if (verdict !== "valid") throw new Error(`the bundle is ${verdict}`)
  return { wallMs: performance.now() - from, cpuMs: treeCpuMs() - cpuFrom }
}
