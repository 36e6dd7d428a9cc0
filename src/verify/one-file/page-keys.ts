/** The keys that the reader pins: pasted, or out of files. Each is told as it was understood, and what is none is told, too. */
import { joinPins, noPins, parsePins, pinWords } from "../evidence/pins.ts"
import type { PageDocument, PageElement, PageFile } from "./browser.ts"
import { plain } from "../../base/plain-text.ts"

type Source = { readonly name: string; readonly text: string }

export class PinnedKeys {
  readonly #document: PageDocument
  readonly #field: PageElement
  readonly #list: PageElement
  readonly #files: Source[] = []
  readonly #changed: () => void
  #before = ""

  constructor(document: PageDocument, parts: { readonly field: PageElement; readonly picker: PageElement; readonly list: PageElement }, changed: () => void) {
    this.#document = document
    this.#field = parts.field
    this.#list = parts.list
    this.#changed = changed
    parts.field.addEventListener("input", () => this.#show())
    parts.picker.addEventListener("change", () => {
      void this.take(Array.from(parts.picker.files ?? [])).then(() => (parts.picker.value = ""))
    })
  }

  /** The texts that are keys, for the worker. */
  get texts(): readonly string[] {
    return this.#sources.map(({ text }) => text).filter((text) => text.trim() !== "" && !("problem" in parsePins(text)))
  }

  async take(files: readonly PageFile[]): Promise<void> {
    for (const file of files) this.#files.push({ name: file.name, text: await file.text() })
    this.#show()
  }

  get #sources(): readonly Source[] {
    return [{ name: "what you pasted", text: this.#field.value }, ...this.#files]
  }

  #show(): void {
    this.#list.replaceChildren(...this.#sources.filter(({ text }) => text.trim() !== "").flatMap((source) => this.#rowsOf(source)))
    const now = JSON.stringify(this.texts)
    if (now === this.#before) return
    this.#before = now
    this.#changed()
  }

  #rowsOf(source: Source): readonly PageElement[] {
    const pins = parsePins(source.text)
    if ("problem" in pins) return [this.#row("bad", `${source.name} is no key: ${pins.problem}`, source)]
    const words = pinWords(joinPins([noPins, pins]))
    return words.length === 0 ? [this.#row("bad", `${source.name} has no key in it`, source)] : words.map((line) => this.#row("good", line, source))
  }

  #row(className: string, words: string, source: Source): PageElement {
    const row = this.#document.createElement("li")
    row.className = className
    const text = this.#document.createElement("span")
    text.textContent = `${className === "good" ? "Pinned: " : "Not pinned: "}${plain(words)}`
    row.append(text)
    const at = this.#files.indexOf(source)
    if (at >= 0) row.append(this.#remover(source))
    return row
  }

  #remover(source: Source): PageElement {
    const button = this.#document.createElement("button")
    button.setAttribute("type", "button")
    button.setAttribute("aria-label", `Remove ${source.name}`)
    button.textContent = "remove"
    button.addEventListener("click", () => {
      this.#files.splice(this.#files.indexOf(source), 1)
      this.#show()
    })
    return button
  }
}
