/**
 * Builds the one-file verifiers from `src/verify/one-file/`, with what of `verify/`, `format/` and `base/` they use:
 *
 *   verify.mjs    for Node: a module that imports nothing
 *   verify.html   for a browser: one page whose policy runs the one script whose hash it names, and lets nothing be loaded or sent
 *
 * Not minified, so that who has to trust them can read them; the same sources give the same bytes.
 */
import { createHash } from "node:crypto"
import { join } from "node:path"
import { build, type Plugin } from "esbuild"
import { verifierPage } from "../src/verify/one-file/page-html.ts"

const root = join(import.meta.dirname, "..")

export type BuiltVerifiers = {
  readonly mjs: string
  readonly html: string
  /** The script inside verify.html. */
  readonly script: string
  /** Files that went into them, as paths of the repository. */
  readonly inputs: readonly string[]
  /** What they still import: nothing. */
  readonly imports: readonly string[]
}

export async function buildVerifiers(version: string): Promise<BuiltVerifiers> {
  const [shell, page] = [await bundledAlone("src/verify/one-file/shell.ts", "esm", version), await bundledAlone("src/verify/one-file/page.ts", "iife", version)]
  return {
    mjs: shell.text,
    html: verifierPage(page.text, version, (text) => `sha256-${createHash("sha256").update(text).digest("base64")}`),
    script: page.text,
    inputs: [...new Set([...shell.inputs, ...page.inputs])].sort(),
    imports: [...shell.imports, ...page.imports],
  }
}

export type Alone = { readonly text: string; readonly inputs: readonly string[]; readonly imports: readonly string[] }

/** One source with all that it uses, as it is where there is no Node. */
export async function bundledAlone(entry: string, format: "esm" | "iife", version: string): Promise<Alone> {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    bundle: true,
    platform: "neutral",
    target: "es2024",
    format,
    charset: "utf8",
    // Paths stand in the comments of what is built, and the same sources are to give the same bytes wherever they are.
    preserveSymlinks: true,
    legalComments: "none",
    logLevel: "warning",
    write: false,
    metafile: true,
    inject: ["src/verify/one-file/bytes.ts"],
    mainFields: ["module", "main"],
    banner: {
      js: `/* Sovereign Ledger ${version}, verify.${format === "esm" ? "mjs" : "html"}: checks evidence with pinned keys; built from src/verify/. MIT licence; SHA-256 of @noble/hashes, MIT licence, (c) Paul Miller. */`,
    },
    plugins: [inTheirPlace],
  })
  const outputs = Object.values(metafile.outputs)
  return {
    text: outputFiles[0]?.text ?? "",
    inputs: Object.keys(metafile.inputs),
    imports: outputs.flatMap(({ imports }) => imports.map(({ path }) => path)),
  }
}

/** What asks Node in the sources, and what asks a browser in its place. */
const inTheirPlace: Plugin = {
  name: "in-their-place",
  setup: (builder) => {
    const others: readonly (readonly [RegExp, string])[] = [
      [/\/sha256\.ts$/, "sha256.ts"],
      [/\/ed25519\.ts$/, "ed25519.ts"],
      [/\/asymmetric\.ts$/, "asymmetric.ts"],
    ]
    for (const [filter, name] of others) {
      const path = join(root, "src/verify/one-file", name)
      builder.onResolve({ filter }, ({ importer }) => (importer.endsWith(join("one-file", name)) ? undefined : { path }))
    }
  },
}
