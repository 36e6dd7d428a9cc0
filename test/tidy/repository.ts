/** The files of the repository, as the tidiness tests see them: everything but what is installed or built. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative, sep } from "node:path"

export const root = join(import.meta.dirname, "..", "..")

const skippedFolders = new Set([".git", "node_modules", "dist"])
const skippedFiles = /(?:\.log|\.tgz|\.tsbuildinfo)$|^\.DS_Store$/

/** Paths relative to the root, with forward slashes, sorted. `under` is a folder of the root, or a list of them. */
export function files(under: string | readonly string[] = ""): readonly string[] {
  const found: string[] = []
  for (const folder of typeof under === "string" ? [under] : under) {
    if (existsSync(join(root, folder))) walk(join(root, folder), found)
  }
  return found.sort()
}

/** TypeScript sources; declaration files only describe other people's code. */
export function sources(under: string | readonly string[]): readonly string[] {
  return files(under).filter((path) => /\.tsx?$/.test(path) && !path.endsWith(".d.ts"))
}

export function exists(path: string): boolean {
  return existsSync(join(root, path))
}

export function read(path: string): string {
  return readFileSync(join(root, path), "utf8")
}

/** The names of the folders right under a folder. */
export function foldersIn(path: string): readonly string[] {
  return [
    ...new Set(
      files(path).flatMap((file) =>
        file
          .slice(path.length + 1)
          .split("/")
          .slice(0, -1)
          .slice(0, 1),
      ),
    ),
  ].sort()
}

/** `path:line: words` for every line that a pattern matches; `words` may use the match as $&. */
export function linesMatching(path: string, text: string, pattern: RegExp, words: string): readonly string[] {
  return text.split("\n").flatMap((line, index) => {
    const match = pattern.exec(line)
    return match ? [`${path}:${index + 1}: ${words.replace("$&", match[0].trim())}`] : []
  })
}

export function folderOf(path: string): string {
  return dirname(path) === "." ? "" : dirname(path)
}

function walk(directory: string, found: string[]): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (skippedFolders.has(entry.name)) continue
    if (entry.isDirectory()) walk(path, found)
    else if (entry.isFile() && !skippedFiles.test(entry.name)) {
      found.push(relative(root, path).split(sep).join("/"))
    }
  }
}
