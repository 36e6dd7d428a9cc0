/**
 * The page in a headless Chromium over loopback: when somebody first sees something of it, with a million entries behind it, against an empty page of the same server's kind;
 * and how long after an entry was recorded its row stands on an open page.
 */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { chromium, type Browser } from "playwright-core"
import type { RunOptions } from "../scripts/runnable.ts"
import { entryOf } from "../src/operations/entry-of.ts"
import { openLedger } from "../src/operations/open-ledger.ts"
import { findTool } from "../test/tools.ts"
import { benchVersion, copyHome, removeHome, type LedgerHome } from "./ledger-home.ts"
import { startServeProcess } from "./processes.ts"
import { atMost, median, quantile, shown, spread, type BenchRow } from "./samples.ts"
import { largeStore } from "./store.ts"

export const about = "the page: first paint with a million entries against an empty page, and a live event to its row"

const mostTimesAnEmptyPage = 2
const rowWithinMs = 500

export async function run({ args, say }: RunOptions): Promise<readonly BenchRow[]> {
  const quick = args.includes("--quick")
  const [paints, rows] = quick ? [5, 20] : [15, 100]
  const large = await largeStore(args, say)
  const home = copyHome(large.home, "page")
  const served = await startServeProcess(home)
  const browser = await chromium.launch({ executablePath: findTool("chromium") ?? "chromium", args: ["--no-sandbox", "--disable-gpu"] })
  const empty = await emptyPage()
  try {
    const cookie = await loggedIn(browser, served.url, served.token)
    const [own, none]: [number[], number[]] = [[], []]
    await firstPaint(browser, served.url, cookie) // the first one brings projections forward
    for (let n = 0; n < paints; n++) {
      none.push(await firstPaint(browser, empty.url))
      own.push(await firstPaint(browser, served.url, cookie))
    }
    say(`first contentful paint, ms (least | median | most): ${spread(own)}; of an empty page: ${spread(none)}`)
    const lives = await liveRows(browser, { url: served.url, cookie, home, rows })
    say(`an event to its row, ms: ${spread(lives)}`)
    return [
      atMost(`first contentful paint at ${large.entries} entries, of an empty page`, median(own) / median(none), "x", mostTimesAnEmptyPage),
      shown("  by itself", median(own), "ms"),
      atMost("a live event to its row on the page: p99", quantile(lives, 0.99), "ms", rowWithinMs),
      shown("  p50", median(lives), "ms"),
    ]
  } finally {
    await browser.close()
    empty.close()
    await served.stop()
    removeHome(home)
  }
}

type Cookie = Awaited<ReturnType<Awaited<ReturnType<Browser["newContext"]>>["cookies"]>>[number]

async function loggedIn(browser: Browser, url: string, token: string): Promise<Cookie> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(url)
  await page.getByLabel("Token").fill(token)
  await page.getByRole("button", { name: "Log in" }).click()
  await page.getByRole("heading", { level: 1 }).waitFor()
  const [cookie] = await context.cookies()
  await context.close()
  if (!cookie) throw new Error("there is no cookie")
  return cookie
}

async function firstPaint(browser: Browser, url: string, cookie?: Cookie): Promise<number> {
  const context = await browser.newContext()
  if (cookie) await context.addCookies([cookie])
  const page = await context.newPage()
  await page.goto(url)
  const paint = `new Promise((resolve) => new PerformanceObserver((list) => {
    const found = list.getEntriesByName("first-contentful-paint")[0]
    if (found) resolve(found.startTime)
  }).observe({ type: "paint", buffered: true }))`
  const atMs = await page.evaluate<number>(paint)
  await context.close()
  return atMs
}

type Live = { readonly url: string; readonly cookie: Cookie; readonly home: LedgerHome; readonly rows: number }

/** From before the entry is recorded, its disk included, to its row in the document. */
async function liveRows(browser: Browser, { url, cookie, home, rows }: Live): Promise<readonly number[]> {
  const context = await browser.newContext()
  await context.addCookies([cookie])
  const page = await context.newPage()
  await page.goto(`${url}?page=events`)
  await page.getByText("Live", { exact: true }).waitFor()
  await page.locator("[data-index='0']").waitFor()
  const ledger = openLedger(home.files, home.secrets, { nowMs: Date.now(), version: benchVersion })
  const took: number[] = []
  for (let n = 0; n < rows; n++) {
    const tool = `bench-${process.pid}-${n}`
    const seen = page.evaluate<number>(
      `new Promise((resolve) => { const look = () => document.querySelector("[data-index='0']")?.textContent.includes(${JSON.stringify(tool)}) ? resolve(Date.now()) : setTimeout(look, 2); look() })`,
    )
    await new Promise((resolve) => setTimeout(resolve, 20 + (n % 10) * 13))
    const fromMs = Date.now()
    ledger.journal.append(
      [
        entryOf(
          { type: "tool.denied", id: tool, scope: { session: "agent:bench", sender: "" }, facts: { tool, call: tool, deniedBy: "guard.deny *" } },
          ledger.scopes,
          fromMs,
        ),
      ],
      fromMs,
    )
    took.push((await seen) - fromMs)
  }
  ledger.close()
  await context.close()
  return took
}

/** A word and nothing else. */
async function emptyPage(): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createServer((_, response) =>
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" }).end("<!doctype html><title>Empty</title><p>Empty"),
  )
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => void server.close() }
}
