/**
 * Builds the page of `serve` and of the gateway's tab from `src/desk/`: one document with its script and its look inside, which asks nobody for anything but the
 * ledger's own answers. The same sources give the same bytes.
 */
import { join } from "node:path"
import { build } from "esbuild"
import { pageDocument } from "../src/desk/document.ts"

const root = join(import.meta.dirname, "..")

export type BuiltPage = {
  readonly html: string
  /** Packages and sources that went into it, as paths of the repository. */
  readonly inputs: readonly string[]
}

export async function buildPage(): Promise<BuiltPage> {
  const { outputFiles, metafile } = await build({
    entryPoints: { page: "src/desk/main.tsx", look: "src/desk/look/page.css" },
    absWorkingDir: root,
    outdir: "dist/page",
    bundle: true,
    minify: true,
    platform: "browser",
    target: ["es2022"],
    format: "iife",
    charset: "ascii",
    jsx: "automatic",
    jsxImportSource: "preact",
    preserveSymlinks: true,
    legalComments: "none",
    logLevel: "warning",
    write: false,
    metafile: true,
  })
  const text = (suffix: string) => outputFiles.find(({ path }) => path.endsWith(suffix))?.text.trim() ?? ""
  const [script, style] = [text(".js"), text(".css")]
  if (/<\/(?:script|style)|<!--/i.test(script + style)) throw new Error("the script or the style of the page would end early")
  return { html: pageDocument(style, script), inputs: Object.keys(metafile.inputs) }
}
