/** Which names and links a sealed directory may have: none leads out of it, whatever the others are. */
import { posix } from "node:path"

/** A name in an archive as a path below its directory, "" for the directory itself; undefined for one that is absolute, climbs, or is no name. */
export function innerPath(name: string): string | undefined {
  if (name.startsWith("/") || name.includes("\0") || (process.platform === "win32" && /[\\:]/.test(name))) return undefined
  const parts = name.split("/").filter((part) => part !== "" && part !== ".")
  return parts.includes("..") ? undefined : parts.join("/")
}

/**
 * Whether a symbolic link leads to a place inside. It may climb at its beginning only, where the directories above it are known to be no links, and no further
 * than to the top; after a name, `..` may lead anywhere, since that name may be a link too.
 */
export function staysInside(link: string, target: string): boolean {
  if (target === "" || target.startsWith("/") || target.includes("\0") || (process.platform === "win32" && /[\\:]/.test(target))) return false
  const parts = target.split("/").filter((part) => part !== "" && part !== ".")
  const climbs = parts.findIndex((part) => part !== "..")
  const count = climbs < 0 ? parts.length : climbs
  const depth = posix
    .dirname(link)
    .split("/")
    .filter((part) => part !== "." && part !== "").length
  return count <= depth && !parts.slice(count).includes("..")
}
