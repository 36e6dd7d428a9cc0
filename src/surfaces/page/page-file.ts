/**
 * The page as it was built (`page.html`, beside this program): one document with its script and its look inside, so that nothing has to be fetched where nothing may be.
 * Its policy lets nothing run but the script whose hash it names.
 */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Fault, problemOf } from "../../base/fault.ts"

export type BuiltPage = {
  readonly document: string
  /** The one script and the one style, as a policy names them. */
  readonly hashes: { readonly script: string; readonly style: string }
}

/** What stands in the document where what was asked is to stand. */
const dataMark = `<script type="application/json" id="told"></script>`

/** @throws {Fault} `cli.file-unreadable` */
export function builtPage(file = join(import.meta.dirname, "page.html")): BuiltPage {
  try {
    const document = readFileSync(file, "utf8")
    return { document, hashes: { script: hashOf(document, "script"), style: hashOf(document, "style") } }
  } catch (error) {
    throw new Fault("cli.file-unreadable", { file, problem: problemOf(error) }, error)
  }
}

/** Framed by nobody, and asks nobody but this server. */
export function servedPolicy({ hashes: { script, style } }: BuiltPage): string {
  return `default-src 'none'; script-src '${script}'; style-src '${style}'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`
}

/** Framed by the gateway's own page; fetches nothing: what it shows is in it. */
export function framedPolicy({ hashes: { script, style } }: BuiltPage): string {
  return `default-src 'none'; script-src '${script}'; style-src '${style}'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'`
}

/** Of a document that is kept, sent and printed: nothing runs in it, and only its own look is its look. */
export function keptPolicy(document: string): string {
  return `default-src 'none'; style-src '${hashOf(document, "style")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
}

/** The document with data in it, as no reader of HTML can misread: ASCII only, and nothing that begins a tag. */
export function withData({ document }: BuiltPage, data: object): string {
  const text = JSON.stringify(data).replace(/[^ -~]|[<&]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
  return document.replace(dataMark, () => dataMark.replace("></", () => `>${text}</`))
}

function hashOf(document: string, tag: "script" | "style"): string {
  const [, text = ""] = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(document) ?? []
  return `sha256-${createHash("sha256").update(text).digest("base64")}`
}
