/**
 * What a proof page shows: the mark, what is proven in a sentence, what was disclosed, how it was checked, and whose key it was. The page carries the text of
 * this one function. Everything to be seen is made here, from what was checked; the page itself holds no words that could say more than the check found.
 */
import type { PageReport } from "./page-report.ts"

type Element = {
  textContent: string
  value: string
  className: string
  readonly content?: string
  readonly sheet?: { readonly cssRules: { readonly length: number } } | null
  readonly append: (...nodes: readonly (Element | string)[]) => void
  readonly replaceChildren: (...nodes: readonly Element[]) => void
  readonly setAttribute: (name: string, value: string) => void
  readonly addEventListener: (event: string, run: () => void) => void
  readonly click: () => void
}

/** The little of a browser that is used. */
export type Browser = {
  readonly document: {
    title: string
    readonly querySelector: (which: string) => Element | null
    readonly createElement: (name: string) => Element
    readonly createElementNS: (namespace: string, name: string) => Element
  }
  readonly Blob: new (parts: readonly string[], options: { readonly type: string }) => object
  readonly URL: { readonly createObjectURL: (blob: object) => string }
}

export function drawProof(browser: Browser, check: (file: string, trustedKey: string | null) => Promise<PageReport>): Promise<void> {
  const { document } = browser
  const page = document.querySelector("#page")
  /** The proof as a file: the data of the page, written again in its one spelling. */
  const file = (): string => {
    const data = document.querySelector("#proof")?.textContent ?? ""
    try {
      return JSON.stringify(JSON.parse(data))
    } catch {
      return data
    }
  }
  const element = (name: string, className: string, ...children: readonly (Element | string)[]): Element => {
    const made = document.createElement(name)
    if (className !== "") made.className = className
    made.append(...children)
    return made
  }
  const mark = (good: boolean): Element => {
    const drawn = (name: string, attributes: Readonly<Record<string, string>>): Element => {
      const made = document.createElementNS("http://www.w3.org/2000/svg", name)
      for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value)
      return made
    }
    const svg = drawn("svg", { viewBox: "0 0 64 64", class: "mark", role: "img", "aria-label": good ? "holds" : "does not hold" })
    svg.append(drawn("circle", { cx: "32", cy: "32", r: "29" }))
    svg.append(drawn("path", { d: good ? "M19 33.5 L28.5 43 L46 23.5" : "M22 22 L42 42 M42 22 L22 42" }))
    return svg
  }
  const count = (value: number): string => value.toLocaleString("en")
  const time = (timeMs: number): string => {
    const [day = "", clock = ""] = new Date(timeMs).toISOString().split("T")
    return `${day} ${clock.replace("Z", "")} UTC`
  }
  const rows = (pairs: readonly (readonly [string, string])[]): Element =>
    element("dl", "", ...pairs.map(([name, value]) => element("div", "", element("dt", "", name), element("dd", "", value))))
  const section = (title: string, ...children: readonly Element[]): Element => element("section", "", element("h2", "", title), ...children)
  /** What was disclosed, a line a member; what is not a text or a number stands as JSON. */
  const members = (object: Readonly<Record<string, unknown>>): Element =>
    rows(Object.entries(object).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value, null, 1)]))

  const heading = (report: PageReport): readonly Element[] => {
    const { entry, checkpoints, proves } = report
    const [first, last] = [checkpoints[0], checkpoints.at(-1)]
    const title = proves === "consistency" ? "Nothing earlier was changed" : "This event stands in the ledger"
    const sentence =
      proves === "consistency"
        ? `The first ${count(first?.size ?? 0)} of the ${count(last?.size ?? 0)} entries are the ones that stood there when the older checkpoint was signed: none was changed, removed, added or moved.`
        : `It is number ${count((entry?.sequence ?? 0) + 1)} of the first ${count(last?.size ?? 0)} entries, and was recorded on ${time(entry?.timeMs ?? 0)}.`
    return [
      element("h1", "", title),
      element("p", "lead", sentence),
      element("p", "type", proves === "consistency" ? (last?.origin ?? "") : (entry?.type ?? "")),
    ]
  }
  const disclosed = (report: PageReport): readonly Element[] => {
    const { entry } = report
    if (!entry) return []
    const bare = !entry.facts && !entry.content && entry.id === null
    const hidden = element("p", "quiet", "Nothing of what was said or done is disclosed here, only that it was recorded, when, and of which type.")
    return [
      ...(entry.facts ? [section("Recorded facts", members(entry.facts))] : entry.id === null ? [] : [section("Event", rows([["id", entry.id]]))]),
      ...(entry.content ? [section("Content", members(entry.content))] : []),
      ...(bare ? [section("Content", hidden)] : []),
    ]
  }
  const steps = ({ entry, checkpoints, proves }: PageReport): Element => {
    const hash = (value: string): Element => element("code", "", value)
    const root = hash(checkpoints.at(-1)?.root ?? "")
    const lead = entry?.pathLength === 1 ? "One hash leads" : `${entry?.pathLength ?? 0} hashes lead`
    const said: readonly (readonly (Element | string)[])[] = [
      ...(entry
        ? [
            ["The entry was hashed again.", hash(entry.leaf)],
            [`${lead} from it to the root of the tree of all entries.`, root],
          ]
        : [["The hashes of the proof lead to the older root, and to the newer one.", root]]),
      [proves === "consistency" ? "The signatures under both are good." : "The signature under that root is good."],
      ...(entry?.facts || entry?.content ? [["What is shown above is what the entry commits to."]] : []),
    ]
    return section("How it was checked", element("ol", "steps", ...said.map((step) => element("li", "", ...step))))
  }
  /** The key that signed, and a place to compare it: a page cannot vouch for the key it brings along, and another key than the one told turns it red. */
  const keySection = (report: PageReport, head: Element): Element => {
    const given = element("input", "")
    given.setAttribute("placeholder", "paste the key here")
    given.setAttribute("aria-label", "the verifier key you were given")
    given.setAttribute("spellcheck", "false")
    const answer = element("p", "answer")
    given.addEventListener("input", () => {
      const key = given.value.trim()
      const kind = key === "" ? "" : report.keys.includes(key) ? "good" : "bad"
      answer.className = `answer ${kind}`
      answer.textContent = {
        "": "",
        good: "✓ The same key: the proof is from the ledger you were told of.",
        bad: "✗ Another key: the proof is from somebody else.",
      }[kind]
      if (page) page.className = kind === "bad" ? "bad" : "good"
      head.replaceChildren(mark(kind !== "bad"), ...(kind === "bad" ? [element("h1", "", "Signed with another key")] : heading(report)))
    })
    const words = "Whose key this is, no page can know. Compare it with the one the operator gave you by another way:"
    return section("Signed by", element("p", "key", report.verifierKey), element("p", "quiet", words), given, answer)
  }
  const foot = (report: PageReport): Element => {
    const save = element("a", "save", "Save the proof as a file")
    save.setAttribute("download", report.entry ? `event-${report.entry.sequence}.proof.json` : "consistency.proof.json")
    save.setAttribute("href", browser.URL.createObjectURL(new browser.Blob([`${file()}\n`], { type: "application/json" })))
    const command = element("code", "", "sovereign-ledger verify --proof FILE --key KEY")
    const words = element(
      "p",
      "quiet",
      "Checked in this browser just now; nothing was sent anywhere. A page can claim anything, so if much depends on it, check the file with a program of your own: ",
    )
    words.append(command)
    return element("footer", "", words, save)
  }
  const show = (kind: "good" | "bad", ...children: readonly Element[]): void => {
    if (!page) return
    page.className = kind
    page.replaceChildren(...children)
  }
  const bad = (why: readonly string[]): void => {
    document.title = "✗ Does not hold"
    const list = element("ul", "reasons", ...why.map((reason) => element("li", "", reason)))
    show("bad", mark(false), element("h1", "", "This proof does not hold"), element("p", "lead", "Do not rely on it. What is wrong:"), list)
  }

  const policy = document.querySelector("meta[http-equiv='Content-Security-Policy']")?.content ?? ""
  const rules = document.querySelector("style")?.sheet?.cssRules.length ?? 0
  if (
    !/^default-src 'none'; script-src 'sha256-[\w+/]{43}='; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'$/.test(policy) ||
    rules === 0
  ) {
    bad(["the page was changed after it was made"])
    return Promise.resolve()
  }
  return check(file(), null).then(
    (report) => {
      if (report.problems.length > 0) return bad(report.problems)
      document.title = report.entry ? `✓ Entry #${report.entry.sequence}` : "✓ Consistent"
      const head = element("header", "", mark(true), ...heading(report))
      return show("good", head, ...disclosed(report), keySection(report, head), steps(report), foot(report))
    },
    (error: unknown) => bad([`it could not be checked: ${String(error)}`]),
  )
}
