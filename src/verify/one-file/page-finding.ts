/** A finding as an element of the page. Whatever a file says becomes the text of an element and nothing else. */
import type { EvidenceVerdict, Finding } from "../evidence/evidence.ts"
import type { PageDocument, PageElement } from "./browser.ts"
import { keyTitle } from "./finding-text.ts"
import { plain } from "../../base/plain-text.ts"

const looks: { readonly [V in EvidenceVerdict]: { readonly className: string; readonly path: string } } = {
  valid: { className: "good", path: "M19 33.5 L28.5 43 L46 23.5" },
  "valid with erasures": { className: "good", path: "M19 33.5 L28.5 43 L46 23.5" },
  unverifiable: { className: "unsure", path: "M24 25 C24 14 41 14 41 25 C41 32 32.5 32 32.5 39 M32.5 46 L32.5 48" },
  invalid: { className: "bad", path: "M22 22 L42 42 M42 22 L22 42" },
  exceeded: { className: "bad", path: "M32 16 L32 37 M32 45 L32 47" },
}

/** What was recorded is folded away when it is more than this: the facts and the content of an entry, one receipt. */
const mostOpen = 2

export class FindingView {
  readonly #document: PageDocument

  constructor(document: PageDocument) {
    this.#document = document
  }

  element(name: string, className: string, ...children: readonly (PageElement | string)[]): PageElement {
    const made = this.#document.createElement(name)
    if (className !== "") made.className = className
    made.append(...children)
    return made
  }

  /** While it is being checked. */
  waiting(file: string, entries: number): PageElement {
    const words = entries === 0 ? "is being checked" : `is being checked: ${entries.toLocaleString("en")} entries`
    return this.element("article", "waiting", this.element("h3", "", this.#name(file)), this.element("p", "quiet", words))
  }

  found(file: string, finding: Finding, sha256: string | null): PageElement {
    const { kind, verdict, says, checked, keys, problems, details, contents, notes, notProven } = finding
    const recorded = contents.map(({ title, details }) => this.#folded(title, this.#rows(details, "stacked"), contents.length <= mostOpen))
    return this.element(
      "article",
      looks[verdict].className,
      this.element("p", "verdict", this.#mark(verdict), this.element("strong", "", verdict)),
      this.element("h3", "", this.#name(file)),
      this.element("p", "kind", kind),
      this.element("p", "says", plain(says)),
      ...(problems.length === 0 ? [] : [this.#part(verdict === "invalid" ? "What is wrong" : "Problems", this.#list(problems, "reasons"))]),
      ...(details.length === 0 ? [] : [this.#part("What it says", this.#rows(details))]),
      ...keys.map(({ key, isPinned, signed }) => {
        const words = `${isPinned ? "pinned by you" : "not pinned"}; ${signed}`
        return this.#part(keyTitle(verdict).replace(/:$/, ""), this.element("p", "key", plain(key)), this.element("p", "quiet", plain(words)))
      }),
      ...(recorded.length === 0 ? [] : [this.#part("What was recorded", ...recorded)]),
      ...(checked.length === 0 ? [] : [this.#part("What was checked", this.#list(checked, "plain"))]),
      ...(notes.length === 0 ? [] : [this.#part("Notes", this.#list(notes, "plain"))]),
      this.#part("What it does not prove", this.#list(notProven, "plain")),
      ...(sha256 === null ? [] : [this.element("p", "quiet hash", `SHA-256 of the file: ${sha256}`)]),
    )
  }

  #name(file: string): PageElement {
    return this.element("bdi", "", plain(file))
  }

  #part(title: string, ...children: readonly PageElement[]): PageElement {
    return this.element("section", "", this.element("h4", "", plain(title)), ...children)
  }

  #folded(title: string, inside: PageElement, isOpen: boolean): PageElement {
    const made = this.element("details", "", this.element("summary", "", plain(title)), inside)
    made.open = isOpen
    return made
  }

  #list(lines: readonly string[], className: string): PageElement {
    return this.element("ul", className, ...lines.map((line) => this.element("li", "", plain(line))))
  }

  #rows(details: Finding["details"], className = ""): PageElement {
    return this.element(
      "dl",
      className,
      ...details.map(({ name, value }) => this.element("div", "", this.element("dt", "", plain(name)), this.element("dd", "", lined(value)))),
    )
  }

  #mark(verdict: EvidenceVerdict): PageElement {
    const drawn = (name: string, attributes: Readonly<Record<string, string>>): PageElement => {
      const made = this.#document.createElementNS("http://www.w3.org/2000/svg", name)
      for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value)
      return made
    }
    const svg = drawn("svg", { viewBox: "0 0 64 64", class: "mark", "aria-hidden": "true" })
    svg.append(drawn("circle", { cx: "32", cy: "32", r: "29" }), drawn("path", { d: looks[verdict].path }))
    return svg
  }
}

/** Values keep their lines, and nothing else that is no letter. */
function lined(value: string): string {
  return value.split("\n").map(plain).join("\n")
}
