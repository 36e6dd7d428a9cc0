/** The page in a real browser, of a real `serve`: every view opened, used and photographed, whatever agents and senders wrote. */
import assert from "node:assert/strict"
import { createServer, type AddressInfo } from "node:net"
import { after, describe, test } from "node:test"
import type { Page } from "playwright-core"
import { pages } from "../../src/desk/page-names.ts"
import { questions } from "../../src/surfaces/questions/question-list.ts"
import { serving } from "../metrics/served.ts"
import { dayLedger, markup } from "./day-ledger.ts"
import { logIn, needsChromium, openPage, photograph, settled, startChromium } from "./open-page.ts"

const offered = (name: string) => !["anomalies", "inventory"].includes(name) || questions.some(({ route }) => route === name)

/** What a view is about, where it is of one thing. */
const about: Readonly<Record<string, string>> = {
  event: "&id=10",
  session: `&id=${encodeURIComponent(`agent:research:${markup}`)}`,
  receipt: "&id=1",
  spend: "&since=30d",
}

describe("the page", needsChromium, async () => {
  const { ledger, record } = dayLedger({ after })
  const server = await serving({ after }, ledger)
  const url = server.url.replace(/metrics$/, "")
  const browser = await startChromium()
  after(() => browser.close())

  test("every view, in light, in dark and on a phone", async () => {
    const { context, page, problems } = await openPage(browser)
    await page.goto(url)
    await photograph(page, "login")
    await logIn(page, url, server.tokenFile)
    problems.length = 0 // that who was not logged in was told 401
    for (const name of pages.filter(offered)) {
      await page.setViewportSize({ width: 1_280, height: 860 })
      await page.goto(`${url}?page=${name}${about[name] ?? ""}`)
      await page.locator("main h1").waitFor()
      await settled(page)
      assert.equal(await page.locator("main [role=alert]").count(), name === "receipt" ? 1 : 0, `${name}: ${await page.locator("main").innerText()}`)
      assert.equal(await page.locator("main script, main img, main a[href^='javascript:']").count(), 0, `${name} made markup of a text`)
      await photograph(page, name)
      assert.equal(await wider(page), 0, `${name} is wider than a phone`)
    }
    assert.deepEqual(
      problems.filter((words) => !words.includes("receipts/1")),
      [],
    )
    await context.close()
  })

  test("what others wrote stands there to the letter, and has run nowhere", async () => {
    const { context, page } = await openPage(browser)
    await logIn(page, url, server.tokenFile)
    await page.goto(`${url}?page=session${about["session"]}`)
    await settled(page)
    assert.ok((await page.locator("main").innerText()).includes(markup))
    assert.match(await page.locator("main").innerText(), /a\\u\{202e\}b\\u\{200b\}c\\u\{7\}d/, "what hides is shown as what it is")
    assert.doesNotMatch(await page.title(), /owned/)
    await context.close()
  })

  test("is used by the keyboard alone: over the links, into a view, back; the heading has the focus", async () => {
    const { context, page } = await openPage(browser)
    await logIn(page, url, server.tokenFile)
    await page.keyboard.press("Tab")
    assert.equal(await focused(page), "Skip to what is shown")
    const events = page.getByRole("link", { name: "Events", exact: true })
    await events.focus()
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { level: 1, name: "Events" }).waitFor()
    assert.equal(await focused(page), "Events")
    assert.equal(await page.title(), "Events · Sovereign Ledger")
    await page.getByRole("table", { name: "Events" }).locator("[data-index='0']").focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { level: 1, name: "Event", exact: true }).waitFor()
    await page.goBack()
    await page.getByRole("heading", { level: 1, name: "Events" }).waitFor()
    await context.close()
  })

  test("an entry is on the page as soon as it is recorded; filters hold for it, too", async () => {
    const { context, page } = await openPage(browser)
    await logIn(page, url, server.tokenFile)
    await page.goto(`${url}?page=events&category=tool`)
    await page.getByText("Live", { exact: true }).waitFor()
    await settled(page)
    const rows = page.getByRole("table", { name: "Events" })
    record(Date.now(), { type: "session.started", id: "filtered out", scope: { session: "s", sender: "" }, facts: { resumed: false } })
    record(Date.now(), {
      type: "tool.denied",
      id: "live",
      scope: { session: "live:session", sender: "" },
      facts: { tool: "just-now", call: "c-live", deniedBy: "guard.deny *" },
    })
    await rows.getByText("just-now").first().waitFor()
    assert.equal((await rows.getByText("filtered out").count()) + (await rows.getByText("session.started").count()), 0)
    await context.close()
  })

  test("verifies the ledger, and holds a proof against it", async () => {
    const { context, page } = await openPage(browser)
    await logIn(page, url, server.tokenFile)
    await page.goto(`${url}?page=proofs`)
    await page.getByRole("button", { name: "Verify everything" }).click()
    await page.locator(".answer").getByText("valid", { exact: true }).waitFor()
    await page.getByLabel(/^A proof that an event/).fill("{}")
    await page.getByRole("button", { name: "Check" }).click()
    await page
      .locator("main")
      .getByText(/unverifiable|invalid|no proof|cannot be read/i)
      .first()
      .waitFor()
    await context.close()
  })

  test("a wrong token is told of; who logs out is at the door again", async () => {
    const { context, page } = await openPage(browser)
    await page.goto(url)
    await page.getByLabel("Token").fill("wrong")
    await page.getByRole("button", { name: "Log in" }).click()
    await page.getByRole("alert").getByText("That is not the token.").waitFor()
    await logIn(page, url, server.tokenFile)
    const [cookie] = await context.cookies()
    assert.deepEqual([cookie?.httpOnly, cookie?.sameSite], [true, "Strict"])
    assert.equal(await page.evaluate<string>("document.cookie"), "")
    await page.getByRole("button", { name: "Log out" }).click()
    await page.getByLabel("Token").waitFor()
    await context.close()
  })

  test("no page of another site holds it in a frame, or reads from it; a link from there leads to it, logged in", async () => {
    const { context, page } = await openPage(browser)
    await logIn(page, url, server.tokenFile)
    const evil = await otherSite(`<iframe src="${url}"></iframe><a href="${url}?page=budgets">to it</a>`)
    await page.goto(evil.url)
    const frame = page.frames().find((one) => one !== page.mainFrame())
    assert.doesNotMatch((await frame?.content().catch(() => "")) ?? "", /Sovereign Ledger/)
    const read = await page.evaluate(
      async (address) =>
        fetch(`${address}api/status`, { credentials: "include", mode: "cors" }).then(
          () => "read",
          () => "refused",
        ),
      url,
    )
    assert.equal(read, "refused")
    await page.getByRole("link", { name: "to it" }).click()
    await page.getByRole("heading", { level: 1, name: "Budgets" }).waitFor()
    evil.close()
    await context.close()
  })

  test("goes on when the server was stopped and is back", async (t) => {
    const own = await serving(t, ledger)
    const { port } = new URL(own.url)
    const ownUrl = own.url.replace(/metrics$/, "")
    const { context, page } = await openPage(browser)
    await logIn(page, ownUrl, own.tokenFile)
    await page.getByText("Live", { exact: true }).waitFor()
    own.session.child.kill("SIGTERM")
    await own.session.ended
    await page.getByText("Not connected; trying again").waitFor()
    await page.getByRole("link", { name: "Budgets", exact: true }).click()
    await page.getByText("The ledger does not answer.").first().waitFor()
    await serving(t, ledger, [], `127.0.0.1:${port}`)
    await page.getByText("Live", { exact: true }).waitFor({ timeout: 30_000 })
    await page.getByRole("meter", { name: "Budget daily" }).first().waitFor()
    await context.close()
  })
})

describe("the page of a ledger that is not there yet", needsChromium, () => {
  test("says what to do", async (t) => {
    const { ledger } = dayLedger(t, Date.now(), 0)
    ledger.close()
    const none = `${ledger.directory}-none`
    const server = await serving(t, { ...ledger, directory: none, places: { keyFile: `${none}.key`, environment: {} } })
    const browser = await startChromium()
    t.after(() => browser.close())
    const { page } = await openPage(browser)
    await logIn(page, server.url.replace(/metrics$/, ""), server.tokenFile)
    await page.getByText("Not set up yet").waitFor()
    await page.getByText("sovereign-ledger key create").first().waitFor()
    await page.getByRole("link", { name: "Events", exact: true }).click()
    await page.getByRole("alert").waitFor()
  })
})

function wider(page: Page): Promise<number> {
  return page.evaluate<number>("Math.max(0, document.documentElement.scrollWidth - innerWidth)")
}

function focused(page: Page): Promise<string> {
  return page.evaluate<string>("document.activeElement?.innerText ?? ''")
}

/** By another name, so that it is another site. */
async function otherSite(body: string): Promise<{ readonly url: string; readonly close: () => void }> {
  const text = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
  const server = createServer((socket) => socket.on("error", () => {}).once("data", () => socket.end(text)))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return { url: `http://localhost:${(server.address() as AddressInfo).port}/`, close: () => server.close() }
}
