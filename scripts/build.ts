/**
 * Builds the package people install: bundled plugin and command line, native drivers of every platform, no dependencies to fetch.
 *
 *   dist/package/           what `npm pack` packs; its manifest is written here, so that development dependencies reach nobody
 *     plugin.mjs            the OpenClaw entry
 *     cli.mjs main.mjs      the command and the writer; `cli.mjs` checks the Node version before it loads the rest
 *     history-threads.mjs   what the threads of an import run: they are started for a moment, and load nothing else
 *     file-watch.mjs        the thread that watches files, beside the writer
 *     history-events.mjs    what they load to make events of all they read
 *     history-follow.mjs    what a collector loads to read on in a host's stores
 *     verify.mjs verify.html  what strangers verify with (build-verifiers.ts), and verify.sha256, the hashes of both
 *     page.html             the page of the ledger (build-page.ts), which serve and the gateway's tab show
 *     sealed-files.mjs      what seals and opens files, with the packages for age and tar: loaded by the two commands that do
 *     receipts.mjs          the library of receipts, `sovereign-ledger/receipts`, with its types (receipts.d.ts)
 *     native/               the SQLite driver, one file a platform
 *     deploy/               unit files for a writer under another user and for a collector; dashboard and alert rules
 *     skills/               what teaches an agent to ask the ledger; loaded nowhere by itself
 */
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { build, type BuildOptions, type Metafile, type Plugin } from "esbuild"
import { buildPage } from "./build-page.ts"
import { buildVerifiers } from "./build-verifiers.ts"

const root = join(import.meta.dirname, "..")
const packageFields = ["name", "version", "description", "license", "keywords", "homepage", "repository", "engines", "openclaw"] as const

export type BuiltPackage = {
  /** The packed tarball, as users install it. */
  readonly tarballPath: string
  /** The command of the unpacked package. */
  readonly cliPath: string
  readonly directory: string
  readonly version: string
}

export type PackageOptions = {
  /** Where to build; `dist` by default. */
  readonly out?: string
  /** Another version than the manifest's, for upgrades in tests. */
  readonly version?: string
  readonly pack?: boolean
  /** Platforms, as `linux-x64`, whose drivers are packed; all there are by default. */
  readonly platforms?: readonly string[]
}

export async function buildPackage(options: PackageOptions = {}): Promise<BuiltPackage> {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, unknown>
  const version = options.version ?? String(manifest["version"])
  const out = options.out ?? join(root, "dist")
  const directory = join(out, "package")
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(join(directory, "native"), { recursive: true })
  const bundled = await bundle(directory, version)
  await writeVerifiers(directory, version)
  const page = await writePage(directory)
  await writeLibrary(directory)
  copyNative(join(directory, "native"), options.platforms)
  writeManifests(manifest, version, directory)
  writeFileSync(join(directory, "THIRD-PARTY.md"), thirdPartyNotices([...bundled, ...page, ...alsoPacked]))
  const tarballPath = options.pack === false ? "" : pack(directory, out)
  return { tarballPath, cliPath: join(directory, "cli.mjs"), directory, version }
}

/** How everything is bundled. */
export const bundling = {
  bundle: true,
  platform: "node" as const,
  target: "node24",
  format: "esm" as const,
  legalComments: "none" as const,
  // Bundled CommonJS packages ask for `require`, which a module does not have.
  banner: { js: 'import { createRequire as sovereignLedgerRequire } from "node:module"; const require = sovereignLedgerRequire(import.meta.url);' },
  logLevel: "warning" as const,
  metafile: true as const,
  absWorkingDir: root,
}

/** Answers the packages whose code is in it. */
async function bundle(directory: string, version: string): Promise<readonly string[]> {
  const common = bundling
  const define = { __SOVEREIGN_LEDGER_VERSION__: JSON.stringify(version), __SOVEREIGN_LEDGER_NATIVE__: "true" }
  // The writer's code hash is that of the bundle without the hash in it.
  const draft = await build({ ...common, entryPoints: ["src/main.ts"], write: false, define: { ...define, __SOVEREIGN_LEDGER_CODE__: '""' } })
  const code = createHash("sha256")
    .update(draft.outputFiles[0]?.contents ?? "")
    .digest("hex")
    .slice(0, 16)
  const defined = { ...define, __SOVEREIGN_LEDGER_CODE__: JSON.stringify(code) }
  const metafiles = [...(await bundleCommand(directory, { define: defined }))]
  const plugin = await build({
    ...common,
    entryPoints: ["src/plugin.ts"],
    outfile: join(directory, "plugin.mjs"),
    define: defined,
    external: ["openclaw", "openclaw/*"],
  })
  chmodSync(join(directory, "cli.mjs"), 0o755)
  return [...metafiles, plugin.metafile].flatMap(({ inputs }) => packagesIn(Object.keys(inputs)))
}

function packagesIn(paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*\/node_modules\/)/.exec(path)?.[1] ?? [])
}

/** The command line in as many files as are loaded at different times. */
export async function bundleCommand(directory: string, main: BuildOptions): Promise<readonly Metafile[]> {
  const built = async (source: string, next: readonly string[] = [], own: BuildOptions = {}) => {
    const plugins = next.map((name) => keepApart(`./${name}.ts`, `./${name}.mjs`))
    const { metafile } = await build({
      ...bundling,
      entryPoints: [`src/${source}.ts`],
      outfile: join(directory, `${source}.mjs`),
      plugins,
      ...own,
      metafile: true,
    })
    return metafile
  }
  return [
    await built("cli", ["main"], { banner: {} }),
    await built("main", ["history-threads", "history-follow", "sealed-files", "file-watch"], main),
    await built("file-watch"),
    await built("history-threads", ["history-events"]),
    await built("history-events"),
    await built("history-follow", ["history-events"]),
    await built("sealed-files", [], main),
  ]
}

/** Both one-file verifiers, and their hashes as sha256sum reads them. */
export async function writeVerifiers(directory: string, version: string): Promise<void> {
  const { mjs, html } = await buildVerifiers(version)
  const files = [
    ["verify.html", html],
    ["verify.mjs", mjs],
  ] as const
  for (const [name, text] of files) writeFileSync(join(directory, name), text)
  const hashes = files.map(([name, text]) => `${createHash("sha256").update(text).digest("hex")}  ${name}\n`)
  writeFileSync(join(directory, "verify.sha256"), hashes.join(""))
}

/** The page of `serve`; answers the packages whose code is in it. */
export async function writePage(directory: string): Promise<readonly string[]> {
  const { html, inputs } = await buildPage()
  writeFileSync(join(directory, "page.html"), html)
  return packagesIn(inputs)
}

/** The library: one module without dependencies, and declarations that stand for themselves. */
async function writeLibrary(directory: string): Promise<void> {
  const [entry, types] = ["src/receipts.ts", "src/library/receipts-api.ts"]
  const { metafile } = await build({ ...bundling, entryPoints: [entry], outfile: join(directory, "receipts.mjs"), banner: {} })
  const names = Object.values(metafile.outputs).flatMap(({ exports }) => exports)
  const values = names.map((name) => `export declare const ${name}: Library[${JSON.stringify(name)}]\n`)
  writeFileSync(join(directory, "receipts.d.ts"), `${readFileSync(join(root, types), "utf8")}\n${values.join("")}`)
}

/** Leaves an import as an import of another built file. */
function keepApart(source: string, built: string): Plugin {
  return {
    name: "keep-apart",
    setup: (builder) => builder.onResolve({ filter: /./ }, ({ path }) => (path === source ? { path: built, external: true } : undefined)),
  }
}

function copyNative(target: string, platforms: readonly string[] | undefined): void {
  const driver = dirname(createRequire(import.meta.url).resolve("better-sqlite3-multiple-ciphers/package.json"))
  const files = platforms?.map((platform) => `${platform}.node`) ?? readdirSync(join(driver, "prebuilds"))
  for (const file of files) copyFileSync(join(driver, "prebuilds", file), join(target, file))
}

function writeManifests(manifest: Record<string, unknown>, version: string, directory: string): void {
  const published = {
    ...Object.fromEntries(packageFields.flatMap((name) => (manifest[name] === undefined ? [] : [[name, manifest[name]]]))),
    version,
    type: "module",
    bin: { "sovereign-ledger": "cli.mjs" },
    exports: { "./receipts": { types: "./receipts.d.ts", default: "./receipts.mjs" }, "./package.json": "./package.json" },
  }
  writeFileSync(join(directory, "package.json"), `${JSON.stringify(published, null, 2)}\n`)
  const plugin = JSON.parse(readFileSync(join(root, "openclaw.plugin.json"), "utf8")) as Record<string, unknown>
  writeFileSync(join(directory, "openclaw.plugin.json"), `${JSON.stringify({ ...plugin, version }, null, 2)}\n`)
  for (const file of ["LICENSE", "README.md", "SECURITY.md", "CHANGELOG.md"]) copyFileSync(join(root, file), join(directory, file))
  for (const name of ["deploy", "skills"]) cpSync(join(root, name), join(directory, name), { recursive: true })
}

/** What no bundler sees: the native driver, the rates of models, and what tar's own bundle has in it. */
const alsoPacked = ["better-sqlite3-multiple-ciphers", "@pydantic/genai-prices", "@isaacs/fs-minipass", "chownr", "minipass", "minizlib", "yallist"]

/** Licences of what is bundled. */
function thirdPartyNotices(bundled: readonly string[]): string {
  const notices = [...new Set(bundled)].toSorted().map((name) => {
    const directory = join(root, "node_modules", name)
    const { version } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as { version: string }
    const licence = readdirSync(directory).find((file) => /^licen[cs]e/i.test(file))
    return `## ${name} ${version}\n\n${licence ? readFileSync(join(directory, licence), "utf8").trim() : "MIT"}\n`
  })
  return `# Bundled software\n\n${notices.join("\n")}`
}

function pack(directory: string, out: string): string {
  const printed = execFileSync("npm", ["pack", "--silent", "--pack-destination", out, "--ignore-scripts"], { cwd: directory, encoding: "utf8" })
  return join(out, printed.trim().split("\n").at(-1) ?? "")
}

if (import.meta.main) {
  const built = await buildPackage()
  process.stdout.write(`${built.tarballPath}\n`)
}
