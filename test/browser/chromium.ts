/** A real, headless Chromium, driven over a pipe (Chrome DevTools Protocol): opens local files, counts what they ask of a network, reads what they show. */
import { spawn, type ChildProcess } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Readable, Writable } from "node:stream"
import { pathToFileURL } from "node:url"
import { onProcessEnd } from "../gateway/cleanup.ts"
import { findTool, requireTool } from "../tools.ts"

export const needsChromium = requireTool("chromium")

const flags = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-extensions",
  "--host-resolver-rules=MAP * ~NOTFOUND",
  "--remote-debugging-pipe",
]
const answerWithinMs = 60_000

type Message = {
  readonly id?: number
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

export class Chromium {
  /** Addresses that pages asked for, but for the files that were opened. */
  readonly requests: string[] = []
  readonly #child: ChildProcess
  readonly #pipe: Writable
  readonly #waiting = new Map<number, { readonly resolve: (result: unknown) => void; readonly reject: (error: Error) => void }>()
  readonly #events: { readonly method: string; readonly resolve: () => void }[] = []
  readonly #discard: () => void
  #session = ""
  #asked = 0
  #text = ""
  #opened = ""

  constructor(child: ChildProcess, discard: () => void) {
    this.#child = child
    this.#discard = discard
    this.#pipe = child.stdio[3] as Writable
    this.#pipe.on("error", () => {}) // a browser that ended is reported by what waits for it
    ;(child.stdio[4] as Readable).setEncoding("utf8").on("data", (part: string) => this.#data(part))
    child.once("exit", (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`chromium ended (${code})`))
    })
  }

  static async start(): Promise<Chromium> {
    const profile = mkdtempSync(join(tmpdir(), "sl-chromium-"))
    const child = spawn(findTool("chromium") ?? "chromium", [...flags, `--user-data-dir=${profile}`, "about:blank"], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
      env: { PATH: process.env["PATH"] ?? "", HOME: profile },
    })
    const forget = onProcessEnd(() => child.kill("SIGKILL"))
    const discard = () => {
      forget()
      rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
    }
    const browser = new Chromium(child, discard)
    const { targetId } = (await browser.#ask("Target.createTarget", { url: "about:blank" })) as { targetId: string }
    const { sessionId } = (await browser.#ask("Target.attachToTarget", { targetId, flatten: true })) as { sessionId: string }
    browser.#session = sessionId
    for (const domain of ["Page", "Network", "Runtime"]) await browser.#ask(`${domain}.enable`, {})
    return browser
  }

  /** Opens a file and waits until it is loaded. */
  async open(path: string): Promise<void> {
    this.#opened = pathToFileURL(path).href
    const loaded = new Promise<void>((resolve) => this.#events.push({ method: "Page.loadEventFired", resolve }))
    await this.#ask("Page.navigate", { url: this.#opened })
    await loaded
  }

  /** The value of an expression in the page; promises are waited for. */
  async value<T>(expression: string): Promise<T> {
    const { result } = (await this.#ask("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true })) as { result: { value: T } }
    return result.value
  }

  /** As if somebody had chosen these files in the dialogue of an input. */
  async choose(selector: string, paths: readonly string[]): Promise<void> {
    const { root } = (await this.#ask("DOM.getDocument", {})) as { root: { nodeId: number } }
    const { nodeId } = (await this.#ask("DOM.querySelector", { nodeId: root.nodeId, selector })) as { nodeId: number }
    await this.#ask("DOM.setFileInputFiles", { nodeId, files: paths })
  }

  /** A key of the keyboard that has no letter: Tab, Enter. */
  async press(key: string, code: number): Promise<void> {
    for (const type of ["rawKeyDown", "keyUp"]) await this.#ask("Input.dispatchKeyEvent", { type, key, code: key, windowsVirtualKeyCode: code })
  }

  /** Letters, where the focus is. */
  async write(text: string): Promise<void> {
    await this.#ask("Input.insertText", { text })
  }

  async end(): Promise<void> {
    const gone = new Promise<void>((resolve) => this.#child.once("exit", () => resolve()))
    void this.#ask("Browser.close", {}, "").catch(() => {}) // it may end before it answers
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 10_000)
    await gone
    clearTimeout(timer)
    this.#discard()
  }

  #ask(method: string, params: object, session: string = this.#session): Promise<unknown> {
    const id = ++this.#asked
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`chromium did not answer ${method}`)), answerWithinMs)
      const settle =
        <T>(done: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer)
          this.#waiting.delete(id)
          done(value)
        }
      this.#waiting.set(id, { resolve: settle(resolve), reject: settle(reject) })
      this.#pipe.write(`${JSON.stringify({ id, method, params, ...(session === "" ? {} : { sessionId: session }) })}\0`)
    })
  }

  #data(part: string): void {
    this.#text += part
    for (let end = this.#text.indexOf("\0"); end >= 0; end = this.#text.indexOf("\0")) {
      this.#message(JSON.parse(this.#text.slice(0, end)) as Message)
      this.#text = this.#text.slice(end + 1)
    }
  }

  #message({ id, method, params, result, error }: Message): void {
    if (id !== undefined) {
      const waiting = this.#waiting.get(id)
      if (error) waiting?.reject(new Error(error.message))
      else waiting?.resolve(result)
    }
    if (method === "Network.requestWillBeSent") {
      const { url } = (params as { request: { url: string } }).request
      if (url !== this.#opened) this.requests.push(url)
    }
    const at = this.#events.findIndex((event) => event.method === method)
    if (at >= 0) this.#events.splice(at, 1)[0]?.resolve()
  }
}
