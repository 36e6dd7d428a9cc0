/**
 * System tools that suites need, and the Debian packages that have them. In CI the missing ones are installed; elsewhere their tests are skipped
 * with a line that says so (test/tools.ts), since a test run must not change a developer's machine.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { findTool, hasPythonModule } from "../test/tools.ts"

const packageOf: Readonly<Record<string, string>> = {
  age: "age",
  "age-keygen": "age",
  chromium: "chromium",
  openssl: "openssl",
  python3: "python3",
  setpriv: "util-linux",
  sqlite3: "sqlite3",
  unshare: "util-linux",
  nsenter: "util-linux",
  "systemd-analyze": "systemd",
  prometheus: "prometheus",
  promtool: "prometheus",
  mount: "mount",
  tmux: "tmux",
}

export async function installMissingTools(): Promise<void> {
  const missing = Object.keys(packageOf).filter((tool) => findTool(tool) === undefined)
  if (!hasPythonModule("cryptography")) missing.push("python3-cryptography")
  if (missing.length === 0) return
  if (process.getuid?.() !== 0 || findTool("apt-get") === undefined) {
    console.log(`Missing tools: ${missing.join(", ")}. Their tests will fail; installing them takes root and apt-get.`)
    return
  }
  const packages = [...new Set(missing.map((tool) => packageOf[tool] ?? tool))]
  console.log(`Installing ${packages.join(", ")} ...`)
  await aptGet("update", "-qq")
  await aptGet("install", "-y", "-qq", "--no-install-recommends", ...packages)
}

async function aptGet(...args: readonly string[]): Promise<void> {
  const child = spawn("apt-get", args, { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } })
  const [status] = (await once(child, "close")) as [number | null]
  if (status !== 0) throw new Error(`apt-get ${args[0]} ended with ${status}`)
}
