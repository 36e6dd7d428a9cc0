/** What is wrong with the ledger's files as files: whose they are, who may read them, what is left over or grows. */
import { existsSync, readdirSync, statSync, type Stats } from "node:fs"
import { tryLock } from "../../vault/lock.ts"
import { good, wrong, type Examined, type FilesCheck, type Finding } from "./finding.ts"

/** Less is gone in an evening. */
const leastBytes = 100_000_000
/** Many times what a log grows to between two of its beginnings. */
const mostLogBytes = 64_000_000

export const fileChecks: readonly FilesCheck[] = [
  { name: "key-file", look: keyFile },
  { name: "directory", look: directory },
  { name: "socket", look: staleSocket },
  { name: "disk", look: disk },
  { name: "log", look: log },
]

const isOpen = ({ mode }: Stats) => process.platform !== "win32" && (mode & 0o077) !== 0

/** A key program and a secret of the host's are no files; which of them it is, says the check `key`. */
function keyFile({ keyFile: path, files, uid }: Examined): readonly Finding[] {
  const found = path === null ? undefined : statSync(path, { throwIfNoEntry: false })
  if (path === null || !found) return []
  if (uid !== null && found.uid !== uid && found.uid !== 0) return [wrong("key-file", `${path} belongs to user ${found.uid}`, `sudo chown ${uid} ${path}`)]
  if (isOpen(found))
    return [wrong("key-file", `others may read the master key in ${path} (mode ${modeWords(found)})`, `chmod 600 ${path}`, { paths: [path], mode: 0o600 })]
  if (path.startsWith(`${files.directory}/`)) {
    return [
      wrong("key-file", `the master key lies beside what it opens: a copy of the one is a copy of both (${path})`, "sovereign-ledger vault rotate --help"),
    ]
  }
  return [good("key-file", `only its owner may read ${path}`)]
}

function directory({ files, uid, isService }: Examined): readonly Finding[] {
  const found = statSync(files.directory, { throwIfNoEntry: false })
  if (!found || (isService && found.uid !== uid)) return []
  if (uid !== null && found.uid !== uid) {
    return [
      wrong(
        "directory",
        `${files.directory} belongs to user ${found.uid}: this command, run as user ${uid}, would leave files there that nobody else may write`,
        `sudo -u '#${found.uid}' sovereign-ledger doctor`,
      ),
    ]
  }
  const strangers = namesIn(files.directory).filter((name) => uid !== null && statSync(`${files.directory}/${name}`, { throwIfNoEntry: false })?.uid !== uid)
  if (strangers.length > 0) {
    return [
      wrong(
        "directory",
        `${strangers.join(", ")} in ${files.directory} belong to somebody else, and cannot be written`,
        `sudo chown -R ${uid ?? ""} ${files.directory}`,
      ),
    ]
  }
  if (isOpen(found)) {
    return [
      wrong("directory", `others may look into ${files.directory} (mode ${modeWords(found)})`, `chmod 700 ${files.directory}`, {
        paths: [files.directory],
        mode: 0o700,
      }),
    ]
  }
  const open = namesIn(files.directory).filter((name) => isOpen(statSync(`${files.directory}/${name}`)) && !name.endsWith(".sock"))
  if (open.length === 0) return [good("directory", `only its owner may look into ${files.directory}`)]
  const close = { paths: open.map((name) => `${files.directory}/${name}`), mode: 0o600 }
  return [wrong("directory", `others may read ${open.join(", ")} in ${files.directory}`, `chmod 600 ${close.paths.join(" ")}`, close)]
}

function namesIn(path: string): readonly string[] {
  return readdirSync(path).filter((name) => statSync(`${path}/${name}`, { throwIfNoEntry: false })?.isDirectory() === false)
}

function modeWords({ mode }: Stats): string {
  return (mode & 0o777).toString(8)
}

/** A writer that is killed leaves its socket behind; the next one takes it away. */
function staleSocket({ socket, writer, files, isService }: Examined): readonly Finding[] {
  if (writer !== null || isService || !existsSync(socket) || !existsSync(files.lock)) return [good("socket", "no socket is left over")]
  const lock = tryLock(files.lock)
  if (!lock) return [wrong("socket", `a process holds the ledger, and nobody answers at ${socket}`, `fuser -v ${files.lock}`)]
  lock.release()
  return [wrong("socket", `${socket} is left over from a writer that was killed`, `rm ${socket}`, { paths: [socket], mode: "removed" })]
}

function disk({ leftBytes, files }: Examined): readonly Finding[] {
  if (leftBytes === null) return []
  const words = `${Math.floor(leftBytes / 1_000_000).toLocaleString("en")} MB are left on the disk of ${files.directory}`
  return [leftBytes < leastBytes ? wrong("disk", words, "sovereign-ledger prune") : good("disk", words)]
}

/** Somebody reads it without an end, or nobody could copy it for long. */
function log({ files }: Examined): readonly Finding[] {
  const path = `${files.journal}-wal`
  const sizeBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  const words = `the log of the journal has ${Math.ceil(sizeBytes / 1_000_000).toLocaleString("en")} MB`
  return [sizeBytes > mostLogBytes ? wrong("log", `${words}: something keeps it from beginning anew`, `fuser -v ${path}`) : good("log", words)]
}
