/** The page as an operator opens it: a `serve` of its own, and Debian's Chromium, headless. Photographs are taken where SL_PHOTOS names a directory for them. */
import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core"
import { onProcessEnd } from "../gateway/cleanup.ts"
import { findTool, requireTool } from "../tools.ts"

export const needsChromium = requireTool("chromium")

const desk = { width: 1_280, height: 860 }

/** How people look at it, the phone last. */
const looks = [
  ["light", "light", desk],
  ["dark", "dark", desk],
  ["phone", "light", { width: 390, height: 844 }],
] as const

export type OpenPage = {
  readonly context: BrowserContext
  readonly page: Page
  /** What went wrong in it: scripts, policies, answers. */
  readonly problems: string[]
}

export async function startChromium(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: findTool("chromium") ?? "chromium", args: ["--no-sandbox", "--disable-gpu"] })
  const forget = onProcessEnd(() => void browser.close())
  browser.once("disconnected", forget)
  return browser
}

export async function openPage(browser: Browser): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: desk, locale: "en-US", timezoneId: "Europe/Berlin" })
  const page = await context.newPage()
  const problems: string[] = []
  page.on("pageerror", (error) => problems.push(error.message))
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`${message.text()} ${message.location().url}`)
  })
  return { context, page, problems }
}

/** By the form, as people do it. */
export async function logIn(page: Page, url: string, tokenFile: string | null): Promise<void> {
  await page.goto(url)
  await page.getByLabel("Token").fill(readFileSync(tokenFile ?? "", "utf8").trim())
  await page.getByRole("button", { name: "Log in" }).click()
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor()
}

/** When nothing is being asked for any more. */
export async function settled(page: Page): Promise<void> {
  await page.locator("main .waiting, main [aria-busy]").first().waitFor({ state: "detached" })
}

/** Shows a view in every look, and leaves it as a phone has it; takes photographs where somebody wants to look at them. */
export async function photograph(page: Page, name: string): Promise<void> {
  const directory = process.env["SL_PHOTOS"]
  for (const [look, colorScheme, viewport] of looks) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize(viewport)
    if (directory === undefined) continue
    mkdirSync(directory, { recursive: true })
    await page.screenshot({ path: join(directory, `${name}-${look}.png`), fullPage: true })
  }
}
