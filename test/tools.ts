/** System tools that only some tests need (a browser, openssl, psql). */
import { spawnSync } from "node:child_process"
import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"

/**
 * Options for a test that needs a program on the PATH: `test("name", requireTool("openssl"), ...)`.
 * Where it is missing the test is skipped with a line that says so; in CI (`CI=true`) that is a failure.
 */
export function requireTool(name: string): { readonly skip?: string } {
  return findTool(name) === undefined ? missing(name) : {}
}

/** As `requireTool`, for a module of Python beside its standard library. */
export function requirePythonModule(name: string): { readonly skip?: string } {
  return hasPythonModule(name) ? {} : missing(`Python's ${name}`)
}

export function hasPythonModule(name: string): boolean {
  return spawnSync("python3", ["-c", `import ${name}`], { stdio: "ignore" }).status === 0
}

function missing(name: string): { readonly skip: string } {
  if (process.env["CI"] === "true") throw new Error(`${name} is not installed, and CI must run everything`)
  return { skip: `${name} is not installed` }
}

export function findTool(name: string): string | undefined {
  const names = process.platform === "win32" ? [`${name}.exe`, `${name}.cmd`] : [name]
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "")
  return folders.flatMap((folder) => names.map((file) => join(folder, file))).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    // Not there, or not for us: the answer either way.
    return false
  }
}
