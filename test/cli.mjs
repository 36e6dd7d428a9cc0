/**
 * The command line, for tests that start it as a process of its own: bundled where the sources were bundled after their last change, which starts in a
 * fifth of the time, else from the sources.
 */
import { existsSync, readFileSync } from "node:fs"
import { enableCompileCache } from "node:module"
import { join } from "node:path"
import { sourcesStamp } from "../scripts/sources-stamp.mjs"

const bundle = join(import.meta.dirname, "../dist/test/main.mjs")
const stamp = `${bundle}.stamp`
enableCompileCache(join(import.meta.dirname, "../node_modules/.cache/compile"))
const isCurrent = existsSync(bundle) && existsSync(stamp) && readFileSync(stamp, "utf8") === sourcesStamp()
await import(isCurrent ? join(import.meta.dirname, "../dist/test/cli.mjs") : "../src/cli.ts")
