/** The page as a tab of a real gateway, in a real browser: behind the gateway's login, in its frame, which may fetch nothing. */
import assert from "node:assert/strict"
import { after, describe, it } from "node:test"
import type { Frame, Page } from "playwright-core"
import { markup } from "../page/day-ledger.ts"
import { needsChromium, openPage, photograph, startChromium } from "../page/open-page.ts"
import { eventually, ofType } from "./ledger.ts"
import { sharedLedger } from "./shared-ledger.ts"
import { runTurn } from "./turn.ts"

const root = "/plugins/sovereign-ledger/"

describe("the page in the gateway", needsChromium, () => {
  it("is a tab that asks for the gateway's login, shows what agents do, and answers programs with the gateway's token", async () => {
    const { client, home, ledger } = await sharedLedger()
    const session = "agent:main:shown-on-the-page"
    await runTurn(client, `SAY ${markup}`, { sessionKey: session })
    await eventually(
      "its usage",
      () => ledger.events(),
      (told) => ofType(told, "usage.reported").some(({ sessionId }) => sessionId === session),
    )
    const gateway = `http://127.0.0.1:${home.port}`
    const asked = (path: string, headers: Record<string, string> = { Authorization: `Bearer ${home.token}` }, init: RequestInit = {}) =>
      fetch(`${gateway}${root}${path}`, { headers, ...init })

    for (const path of ["", "api/status", "api/export", "api/verify"]) assert.equal((await asked(path, {})).status, 401, path)
    const status = (await (await asked("api/status")).json()) as { recording: string }
    assert.equal(status.recording, "on")
    assert.equal((await asked("api/nowhere")).status, 404)
    assert.equal((await asked("api/spend?limit=0")).status, 400)
    assert.equal((await asked("api/status", { Authorization: `Bearer ${home.token}`, Origin: "null" })).status, 403)
    const verdict = (await (await asked("api/verify", undefined, { method: "POST", body: '{"from":0,"to":3}' })).json()) as { verdict: string }
    assert.equal(verdict.verdict, "valid")
    assert.match(await (await asked("api/export?limit=2")).text(), /"sequence":0/)
    const framed = await asked("")
    assert.match(
      String(framed.headers.get("content-security-policy")),
      /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'$/,
    )

    const browser = await startChromium()
    after(() => browser.close())
    const { page } = await openPage(browser)
    await page.goto(`${gateway}/plugin?plugin=sovereign-ledger&id=ledger#token=${home.token}`)
    const frame = await frameOf(page)
    await frame.getByRole("heading", { level: 1, name: "Overview" }).waitFor()
    await frame
      .getByText(/Recording/)
      .first()
      .waitFor()
    await photograph(page, "tab-home")
    await page.setViewportSize({ width: 1_280, height: 860 })
    await frame.getByRole("link", { name: "Sessions", exact: true }).click()
    await frame.getByRole("link", { name: session }).click()
    await frame.getByText(markup).first().waitFor()
    await photograph(page, "tab-session")
    assert.deepEqual(await frame.evaluate<string>("document.title + ' ' + self.origin"), "Session · Sovereign Ledger null")
    // What a script in there may fetch: nothing, by our policy; and by the host's, without it.
    assert.equal(await frame.evaluate<string>("fetch('api/status', { credentials: 'include' }).then(() => 'read', () => 'refused')"), "refused")
    const free = await browser.newContext({ bypassCSP: true })
    const open = await free.newPage()
    await open.goto(`${gateway}/plugin?plugin=sovereign-ledger&id=ledger#token=${home.token}`)
    const bare = await frameOf(open)
    await bare.getByRole("heading", { level: 1, name: "Overview" }).waitFor()
    assert.equal(await bare.evaluate<string>("fetch('api/status', { credentials: 'include' }).then(() => 'read', () => 'refused')"), "refused")
  })
})

/** Navigates by itself, so it is found by its place. */
async function frameOf(page: Page): Promise<Frame> {
  const element = await page.waitForSelector("iframe.plugin-tab-embed__frame", { timeout: 60_000 })
  const frame = await element.contentFrame()
  assert.ok(frame)
  return frame
}
