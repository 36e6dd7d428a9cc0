/** Looks for texts in the bytes of files, in every form a program might write them in. */
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

export type Found = { readonly text: string; readonly path: string; readonly form: string }

/** Every regular file below the paths that holds one of the texts. Paths that are not there hold nothing. */
export function searchFiles(paths: readonly string[], texts: readonly string[]): { readonly found: readonly Found[]; readonly filesRead: number } {
  const needles = texts.flatMap((text) => formsOf(text).map(([form, bytes]) => ({ text, form, bytes })))
  const found: Found[] = []
  const files = paths.flatMap(filesBelow)
  for (const path of files) {
    const bytes = readFileSync(path)
    for (const needle of needles) if (bytes.includes(needle.bytes)) found.push({ text: needle.text, path, form: needle.form })
  }
  return { found, filesRead: files.length }
}

function formsOf(text: string): readonly (readonly [form: string, bytes: Buffer])[] {
  const utf16 = Buffer.from(text, "utf16le")
  return [
    ["utf-8", Buffer.from(text)],
    ["utf-16le", utf16],
    ["utf-16be", Buffer.from(utf16).swap16()],
    ["hex", Buffer.from(Buffer.from(text).toString("hex"))],
    ...base64Forms(text),
  ]
}

/** A text inside a longer one is encoded in one of three ways, by where it begins; the characters at its ends depend on the neighbours. */
function base64Forms(text: string): readonly (readonly [form: string, bytes: Buffer])[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]).toString("base64url")
    return [`base64 at ${shift}`, Buffer.from(encoded.slice(shift === 0 ? 0 : shift + 1, -3))]
  })
}

function filesBelow(path: string): readonly string[] {
  if (!existsSync(path)) return []
  const stat = lstatSync(path)
  if (stat.isDirectory()) return readdirSync(path).flatMap((name) => filesBelow(join(path, name)))
  return stat.isFile() ? [path] : []
}
