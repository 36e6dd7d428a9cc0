/**
 * What the scanner takes in the writer's process: a tool call of 505 B, and 100 kB, as code, prose and commands, and as a text that is made to keep patterns half-way.
 * The baseline is what a plain search costs in the same run: one `indexOf` for each check, of a word that is not there.
 */
import { readFileSync } from "node:fs"
import type { RunOptions } from "../scripts/runnable.ts"
import { scanRows } from "../src/scanner/rows.ts"
import { scanText } from "../src/scanner/scan.ts"
import { largeBytes, ordinaryBytes } from "./payload.ts"
import { atMost, median, shown, spread, type BenchRow } from "./samples.ts"

export const about = "the scanner on 505 B and on 100 kB, against one plain search for each check"

const halfWay = "curl http://a.b/c env base64 -d ignore all previous act as ai you are now echo nc socket tmp cat .ssh "

export function run({ args, say }: RunOptions): readonly BenchRow[] {
  const repetitions = args.includes("--quick") ? 20 : 100
  const own = ["operations/intake.ts", "host/install-hooks.ts", "surfaces/cli/program.ts"].map((file) => readFileSync(`src/${file}`, "utf8"))
  const ordinary = [...own, readFileSync("ARCHITECTURE.md", "utf8"), readFileSync("test/vectors/scanner/benign-used.txt", "utf8")].join("\n")
  const large = ordinary.repeat(3).slice(0, largeBytes)
  const small = Array.from({ length: 100 }, (_, place) => ordinary.slice(place * ordinaryBytes, (place + 1) * ordinaryBytes))
  const hard = halfWay.repeat(1_000).slice(0, largeBytes)
  const smallUs: number[] = []
  const [largeMs, hardMs, plainMs, plainSmallUs]: [number[], number[], number[], number[]] = [[], [], [], []]
  for (let i = 0; i < repetitions + 10; i++) {
    const times = [
      timed(() => small.forEach(scanned)),
      timed(() => scanned(large)),
      timed(() => scanned(hard)),
      timed(() => searched(large)),
      timed(() => small.forEach(searched)),
    ]
    if (i < 10) continue // warm
    smallUs.push(((times[0] ?? 0) / small.length) * 1_000)
    largeMs.push(times[1] ?? 0)
    hardMs.push(times[2] ?? 0)
    plainMs.push(times[3] ?? 0)
    plainSmallUs.push(((times[4] ?? 0) / small.length) * 1_000)
  }
  if (places > 0) throw new Error("a word that is nowhere was found")
  say(`505 B (least | median | most): ${spread(smallUs)} us; 100 kB: ${spread(largeMs)} ms; plain search of 100 kB: ${spread(plainMs)} ms`)
  return [
    atMost("505 B", median(smallUs), "us", 20),
    atMost("100 kB", median(largeMs), "ms", 3),
    atMost("100 kB that keeps patterns half-way", median(hardMs), "ms", 12),
    shown("505 B / plain search for each check", median(smallUs) / median(plainSmallUs), "x"),
    shown("100 kB / plain search for each check", median(largeMs) / median(plainMs), "x"),
  ]
}

function scanned(text: string): void {
  scanText(text, "args")
}

let places = 0

/** What it finds is added up, so that the search is made at all. */
function searched(text: string): void {
  for (const { check } of scanRows) places += text.indexOf(`${check}\u0001`)
}

function timed(work: () => void): number {
  const begun = performance.now()
  work()
  return performance.now() - begun
}
