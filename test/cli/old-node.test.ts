/** Under a Node that is too old the command says so in a sentence, before it loads anything that would die of it. */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { delimiter, join } from "node:path"
import { describe, test, after } from "node:test"
import { builtVersion } from "../writer/versions.ts"
import { cliSource, holds, makeHome } from "./home.ts"

const refusal = (version: string) =>
  new RegExp(`^Sovereign Ledger needs Node 24\\.16 or newer; this is ${version.replaceAll(".", "\\.")}\\.\\nInstall a newer Node, `)

describe("an old Node", { concurrency: 4 }, () => {
  const home = makeHome({ after })
  const old = olderNode()

  for (const [version, isRefused] of [
    ["18.20.8", true],
    ["22.99.0", true],
    ["24.15.9", true],
    ["24.16.0", false],
    ["24.100.0", false],
    ["25.0.0", false],
  ] as const) {
    test(`one that calls itself ${version} is ${isRefused ? "refused" : "taken"}`, async () => {
      const pretend = `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"${version}"}})`
      const said = await home.start(["--version"], [process.execPath, "--no-warnings", "--import", pretend, cliSource]).ended
      holds(said, isRefused ? { exit: 2, stderr: refusal(version) } : { exit: 0, stdout: /^\S+\n$/ })
    })
  }

  test("the built command under a real one", old ? {} : { skip: "no Node older than 24.16 is installed" }, async () => {
    const { cli } = await builtVersion("1.2.3")
    for (const args of [["status"], ["status", "--json"], []]) {
      holds(await home.start(args, [old?.path ?? "", cli]).ended, { exit: 2, stderr: refusal(old?.version ?? "") })
    }
  })
})

function olderNode(): { readonly path: string; readonly version: string } | undefined {
  const folders = new Set([...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin", "/usr/local/bin"])
  for (const path of [...folders].map((folder) => join(folder, "node")).filter((file) => existsSync(file))) {
    const version = spawnSync(path, ["--version"], { encoding: "utf8" }).stdout?.trim().slice(1) ?? ""
    const [major = 99, minor = 0] = version.split(".").map(Number)
    if (version !== "" && (major < 24 || (major === 24 && minor < 16))) return { path, version }
  }
  return undefined
}
